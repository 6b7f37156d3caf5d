import { short } from "/dom.js";

const average = "times the average attention";

/** What explains an answer beside contributions, by its word. */
const explanations = {
  "single": "What the model says of a bag of this patch alone, less what it says of the bag's mean patch. What the model makes of patches "
    + "together is not in it.",
  "N·critical": "The patch with an output's largest logit has all of what the stream of critical instances says of it, times the number of "
    + "patches; all others have 0.",
  "N·occlusion": "What the answer loses where the patch's neighbourhood is taken out of the bag, shared out evenly over the neighbourhood, "
    + "times the number of patches.",
  "N·ig": "Integrated gradients on the path from a bag of the training's mean patch, times the number of patches. The parts make the difference "
    + "of both answers, up to the residual in the map's name.",
  "N·lrp": "Relevance propagated back through the model with attention held fixed, times the number of patches. The parts and the bias make "
    + "the answer, up to the residual in the map's name.",
};

/** A map's title for people who do not know how the model is made. */
export function plainTitle(title, { maps, classes = [] }) {
  const [, fold, role] = title.match(/^(?:fold_(\d+)\.)?(.+)$/s) ?? [null, undefined, title];
  const views = new Set(maps.map(map => map.title.match(/branch_(\d+)$/)?.[1]).filter(Boolean));
  const branch = role.match(/^branch_(\d+)$/)?.[1];
  const words = {
    mean: views.size ? `all ${views.size} model views together` : "mean of all",
    disagreement: views.size ? "where the model's views differ" : "where they differ",
    hard: "hard patches", student: "student network", teacher: "teacher network",
  };
  const plain = branch !== undefined ? `model view ${Number(branch) + 1} of ${views.size}`
    : classes.includes(role) ? `class ${role}` : words[role] ?? role;
  return fold === undefined ? plain : `fold ${fold}: ${plain}`;
}

/** What the numbers of a map are, and a longer explanation. */
export function plainUnit({ unit, word }) {
  const attention = "The attention of a patch times the number of patches (N·attention). 1 is what every patch would get if the "
    + "model preferred none; 5 is five times that. It tells where the model looked, not what it found there.";
  if (word === "N·attention") return [average, attention];
  if (word === "N·score") {
    return ["score of the patch, in the model's own unit", "The score of a patch times the number of patches (N·score): high where a patch "
      + "speaks for the class, below 0 where it speaks against it. Nothing stands for an average."];
  }
  if (word === "N·contribution") {
    return [unit, "What a patch adds to the output with the attention to it held fixed, times the number of patches: above 0 it raises "
      + "the output, below 0 it lowers it. The parts of all patches and the bias make the output."];
  }
  if (word in explanations) return [unit, explanations[word]];
  if (word === "masked") return ["1 = a hard patch", "Patches that the model scored so high that its training may have left them out."];
  if (word === "disagreement") {
    return unit.includes("attention")
      ? [`how far the views differ, in ${average}`, `Standard deviation over the model's views. ${attention}`]
      : ["how far the parts of the model differ", unit];
  }
  return [unit, unit];
}

/** One value in words. */
export function plainValue({ word }, value) {
  switch (word) {
    case "N·attention": return `${short(value)} ${average}`;
    case "N·score": return `score ${short(value)}`;
    case "N·contribution": case "N·critical": case "single": case "N·occlusion": case "N·ig": case "N·lrp": return `${word} ${short(value)}`;
    case "masked": return value > 0.5 ? "hard patch" : "no hard patch";
    case "disagreement": return `views differ by ${short(value)}`;
    default: return `${word} ${short(value)}`;
  }
}
