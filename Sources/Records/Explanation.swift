/// A way of telling what of a model's answer comes from which patch, beside where it looked. A prediction has rows for it where it is asked.
///
/// `contribution` and `critical` have a row for each output; the others one for each `Margin` of the answer, named after the output that it is about: of
/// classes that is the called one alone, so that no way costs more where there are many classes.
public enum Explanation: String, DescribedChoice {
    case contribution, critical, single, occlusion, ig, lrp

    public var meaning: String {
        switch self {
        case .contribution:
            "the signed part of each patch in each output, attention held fixed, for models that pool linearly: the parts of a bag and "
                + "the bias make its output; with `rrt` or `reembedding` a patch's part is that of the re-embedded patch, which holds "
                + "something of others; of `max` it is all with the patch that decides the output; of `dsmil` the parts and the bias make "
                + "the output of the stream that attends, whose mean with that of the critical instances is the answer"
        case .critical:
            "of `dsmil` the output of the stream of critical instances, which is all with the patch that has each output's largest logit"
        case .single:
            "what the model says of each patch alone, less what it says of the bag's mean patch; models that do not pool what they make "
                + "of each patch alone are run on \(Self.singlePatches) patches of a slide at most, evenly chosen, and the others have 0"
        case .occlusion:
            "what the answer loses where a neighbourhood of patches is taken out of the bag, spread evenly over them; \(Self.neighbourhoods) "
                + "neighbourhoods at most"
        case .ig:
            "integrated gradients (Sundararajan et al., 2017) on the straight path from a bag whose patches are all the training's mean "
                + "patch: the parts make the difference of both answers up to the residual that is told with them"
        case .lrp:
            "layer-wise relevance propagation with attention held fixed (xMIL; Hense et al., 2024): the parts and the bias make the answer "
                + "up to the residual that is told with them"
        }
    }

    /// Patches of a slide that `single` is run on one by one at most.
    public static let singlePatches = 2000
    /// Blocks of patches that `occlusion` takes out at most, each with a pass over what is left of the bag.
    public static let neighbourhoods = PatchBlocks.most

    /// Whether the values of a bag's patches are parts of one number, and are shown times N.
    public var isPart: Bool { self != .single }

    /// Whether there is a row for each output, whatever the answer.
    public var isOfOutputs: Bool { self == .contribution || self == .critical }

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

/// What has to be known beside the values of an explanation's row; in the unit of what it explains.
public struct ExplanationFacts: Codable, Equatable, Sendable {
    /// What the values are to sum to: of `ig` the answer less that to the training's mean patch, of `lrp` the answer less its bias.
    public var whole: Double?
    /// What they lack to it.
    public var residual: Double?
    /// Of `ig`: points of the path at which gradients were taken.
    public var nodes: Int?
    /// Of `occlusion`: neighbourhoods that were taken out.
    public var neighbourhoods: Int?
    /// Of `single`: patches that the model was run on, where the others have 0.
    public var patches: Int?

    public init(
        whole: Double? = nil,
        residual: Double? = nil,
        nodes: Int? = nil,
        neighbourhoods: Int? = nil,
        patches: Int? = nil
    ) {
        (self.whole, self.residual, self.nodes) = (whole, residual, nodes)
        (self.neighbourhoods, self.patches) = (neighbourhoods, patches)
    }

    /// The residual beside what it is of; nil where there is none.
    public var share: Double? {
        guard let residual, let whole else { return nil }
        return residual == 0 ? 0 : abs(residual) / abs(whole)
    }

    /// The share of `ig`'s residual that is not told as too large.
    public static let largestShare = 0.01

    /// Of the mean of several models' rows: the worst of each.
    public static func worst(_ facts: [ExplanationFacts]) -> ExplanationFacts? {
        guard var worst = facts.max(by: { ($0.share ?? 0) < ($1.share ?? 0) }) else { return nil }
        worst.nodes = facts.compactMap(\.nodes).max()
        worst.neighbourhoods = facts.compactMap(\.neighbourhoods).min()
        worst.patches = facts.compactMap(\.patches).min()
        return worst
    }
}
