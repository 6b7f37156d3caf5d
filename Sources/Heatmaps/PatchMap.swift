public import Records

/// What the numbers of a map are, in words for its colour bar.
public enum MapQuantity: Equatable, Sendable {
    /// Shares of the bag, shown as N·attention: 1 is what every patch gets where the model prefers none.
    case attention
    /// No distribution, but of the order of 1/N, and shown times N too; it may be negative, and nothing stands for uniform.
    case score
    /// 1 where MHIM's teacher scores a patch so high that training may have masked it as hard, else 0.
    case masked
    /// What an explanation says of a patch: of parts times N, which is what the output less its bias would be if every patch were like it.
    /// 0 adds nothing.
    /// - Parameter output: in words.
    case explanation(Explanation, of: String)
    /// Standard deviation over several rows, in the rows' unit.
    indirect case disagreement(MapQuantity)

    /// With its unit.
    public var title: String {
        switch self {
        case .attention: "N·attention (1 = uniform)"
        case .score: "N·score (the model's own unit)"
        case .masked: "hard: 1 = may have been masked"
        case .explanation(.contribution, let output): "N·contribution to the \(output) (0 = none)"
        case .explanation(.critical, let output): "critical: N·the critical instance's part in the \(output) (0 = none)"
        case .explanation(.single, let output):
            "single: \(output), of the patch alone against the mean patch (0 = the same)"
        case .explanation(.occlusion, let output):
            "occlusion: N·loss without the patch's neighbourhood of the \(output) (0 = none)"
        case .explanation(.ig, let output):
            "ig: N·part in the \(output), against the training's mean patch (0 = none)"
        case .explanation(.lrp, let output): "lrp: N·relevance to the \(output) (0 = none)"
        case .disagreement(.attention): "Disagreement: standard deviation of N·attention"
        case .disagreement: "Disagreement: standard deviation of N·score"
        }
    }

    /// Whether 0 is the middle of its scale, and numbers of both signs are told apart.
    public var isSigned: Bool { if case .explanation = self { true } else { false } }

    /// For a column or a measurement.
    public var word: String {
        switch self {
        case .attention: "N·attention"
        case .score: "N·score"
        case .masked: "masked"
        case .explanation(let explanation, _): explanation.isPart ? "N·\(explanation.rawValue)" : explanation.rawValue
        case .disagreement: "disagreement"
        }
    }
}

/// One number per patch of a slide.
public struct PatchMap: Equatable, Sendable {
    /// `mean`, `branch_0`, `class_1`, …
    public var name: String
    /// The name for people: a class by its own name.
    public var title: String
    public var quantity: MapQuantity
    /// As the model gave them.
    public var given: [Float]
    /// As shown: times N, but for what is no part of a whole.
    public var values: [Float]
    /// Ends of the absolute scale.
    public var range: ClosedRange<Double>
    /// What its numbers are called where those of several slides stand together, without what differs from slide to slide; nil: its quantity
    /// and title.
    public var measurement: String?
    /// Mid-ranks of the values in the slide, 0...1.
    public var percentiles: [Float] { HeatmapScale.percentile.positions(of: values) }

    /// Rows of the patches from the highest value to the lowest; equal values in row order.
    public var descending: [Int] { values.indices.sorted { (values[$1], $0) < (values[$0], $1) } }
}
