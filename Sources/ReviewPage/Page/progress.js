import { reviewed } from "/reviews.js";

/** How far each reader is, in words: of what is assigned to them, or of all slides where nothing is assigned. */
export function progressOf(slides, view) {
  // What others have said of a sealed slide is not known here; a count of it would be too low.
  const withheld = slides.some(row => row.sealed);
  const names = withheld ? new Set(view.reader ? [view.reader] : [])
    : new Set([...view.readers, ...slides.flatMap(row => row.reviews.map(review => review.reviewer))]);
  return [...names].map(name => {
    const own = view.readers.length ? slides.filter(row => row.assigned?.includes(name)) : slides;
    const done = rows => rows.filter(row => reviewed(row, view.model, name)).length;
    if (own.length === 0) return `${name} ${done(slides)}, none assigned`;
    return `${name} ${done(own)} of ${own.length}`;
  }).join(" · ");
}
