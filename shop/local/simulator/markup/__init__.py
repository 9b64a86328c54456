"""The HTML of the pages. Every value from outside passes `escape`."""
