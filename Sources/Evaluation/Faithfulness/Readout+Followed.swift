public import Records

extension Readout {
    /// What of a model's outputs is followed while patches leave its bag, of several targets the first one's: the number that
    /// explanations are of. It falls where what speaks for the answer leaves: of an answer on the low side it is followed the other way
    /// round. That side is told by the mean of the training part for numbers, by even odds for grades and labels, and for survival by
    /// what the caller says. Of labels it is the most probable one's.
    /// - Parameters:
    ///   - outputs: of the whole bag; at least one.
    ///   - called: where a class is asked; nil: the most probable one.
    ///   - isBelow: whether a risk is a low one.
    public func followed(_ outputs: [Double], called: Int?, isBelow: Bool) -> Margin {
        let likely = outputs.mostProbable
        let margins = margins(called: called ?? likely)
        switch parts.first?.readout {
        case .class: return margins[0]
        case .labels: return margins[likely].turned(outputs[likely] < 0)
        case .number, .ordinal: return margins[0].turned(outputs[0] < 0)
        case .risk, .hazards: return margins[0].turned(isBelow)
        case .several, nil: return Margin(output: 0, weights: outputs.map { _ in 0 })
        }
    }

    /// What is followed, for people.
    /// - Parameter classes: names of classes or labels.
    public func words(following margin: Margin, among classes: [String]) -> String {
        let name = classes.indices.contains(margin.output) ? classes[margin.output] : "output \(margin.output)"
        let text =
            switch parts.first?.readout {
            case .class: "the logit of \(name) less the mean of the others"
            case .labels: "the log odds of \(name)"
            case .ordinal: "the log odds of being above \(classes.first ?? "the first grade")"
            case .hazards: "the mean log odds of the hazard"
            case .number, .risk, .several, nil: "the model's output"
            }
        return margin.weights[margin.output] < 0 ? "less \(text)" : text
    }
}
