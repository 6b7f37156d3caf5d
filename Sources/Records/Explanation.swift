/// A way of telling what of a model's answer comes from which patch, beside where it looked. A prediction has rows for it where it is asked.
public enum Explanation: String, DescribedChoice {
    case contribution

    public var meaning: String {
        switch self {
        case .contribution:
            "the signed part of each patch in each output, attention held fixed, for models that pool linearly: the parts of a bag and "
                + "the bias make its output; with `rrt` or `reembedding` a patch's part is that of the re-embedded patch, which holds "
                + "something of others"
        }
    }

    /// A row of a prediction.
    /// - Parameter output: its place.
    public func row(_ output: Int) -> String { "\(rawValue)_\(output)" }

    /// Before the name of a row that is the mean of several models'.
    public static let mean = "mean."

    /// What a row without its model's name is; nil for one of a model's own.
    public static func named(_ row: some StringProtocol) -> (explanation: Explanation, output: Int)? {
        for explanation in allCases where row.hasPrefix("\(explanation.rawValue)_") {
            if let output = Int(row.dropFirst(explanation.rawValue.count + 1)) { return (explanation, output) }
        }
        return nil
    }
}
