// The form of a review. Photos are made smaller before they are sent: a phone's four pictures are
// 20 MB, of which nobody ever sees more than a twentieth. Without this the shop does it itself.
const LONGEST_SIDE = 1600;
const input = document.querySelector("[data-photos]");
const previews = document.querySelector("[data-previews]");

async function smaller(file) {
  // Upright, as the camera was held.
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
  const name = file.name.replace(/\.\w+$/, "") + ".jpg";
  return { canvas, file: new File([blob], name, { type: "image/jpeg" }) };
}

async function prepare() {
  const chosen = [...input.files];
  previews.replaceChildren();
  // Too many are refused by the shop, which also says so; a file that is no picture likewise.
  if (chosen.length > Number(input.dataset.photos)) return;
  try {
    const made = await Promise.all(chosen.map(smaller));
    const files = new DataTransfer();
    made.forEach((each) => files.items.add(each.file));
    input.files = files.files;
    // Drawn and not linked: the content policy admits pictures from the shop only.
    previews.append(...made.map((each) => each.canvas));
  } catch { /* then they are sent as they are */ }
}

let working = null;
if (input) {
  input.addEventListener("change", () => {
    working = prepare().finally(() => { working = null; });
  });
  // Whoever is faster than the pictures waits for them.
  input.form.addEventListener("submit", (event) => {
    if (!working) return;
    event.preventDefault();
    working.then(() => input.form.requestSubmit(event.submitter));
  });
}
