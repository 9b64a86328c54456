// The button has noted the slips as printed; the page that answers prints itself.
if ("printNow" in document.body.dataset) window.print();
