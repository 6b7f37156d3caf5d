/// Whether a bag looks like those that a model was trained on, as each of its folds tells it.
public struct Belonging: Codable, Equatable, Sendable {
    /// Share of slides like the validation part's that are flagged.
    public static let alarmRate = 0.05
    /// Fewer validation slides cannot show a share of 5 %: the smallest p of n is 1 / (n + 1).
    public static let leastValidation = 19

    /// How strange a bag is; a larger value is stranger.
    public enum Measure: String, Codable, CaseIterable, Sendable {
        /// How far its mean features are from those of the training's bags.
        case mean
        /// How far the spread of its features over the patches is from that of the training's bags.
        case spread
        /// How far its patches are from the nearest of the training's.
        case patches

        /// As a sentence goes on before "than those of k of n validation slides".
        var words: String {
            switch self {
            case .mean: "its mean features lie farther from the training's"
            case .spread: "the spread of its features lies farther from the training's"
            case .patches: "its patches lie farther from the training's nearest ones"
            }
        }
    }

    /// One measure of the bag beside the same of the fold's validation slides.
    public struct Finding: Codable, Equatable, Sendable {
        public var measure: Measure
        public var value: Double
        /// Validation slides whose value is as large or larger.
        public var asStrange: Int
        /// Whether it alone is why the fold flags the bag.
        public var isReason: Bool

        public init(_ measure: Measure, value: Double, asStrange: Int, isReason: Bool) {
            (self.measure, self.value, self.asStrange, self.isReason) = (measure, value, asStrange, isReason)
        }

        enum CodingKeys: String, CodingKey {
            case measure, value
            case asStrange = "as_strange"
            case isReason = "reason"
        }
    }

    public struct OfFold: Codable, Equatable, Sendable {
        public var fold: Int
        /// Slides of the validation part that it was compared with.
        public var validation: Int
        /// Of all measures together: the share of validation slides, with the bag, that are as strange.
        public var p: Double
        public var findings: [Finding]

        public init(fold: Int, validation: Int, p: Double, findings: [Finding]) {
            (self.fold, self.validation, self.p, self.findings) = (fold, validation, p, findings)
        }

        /// Whether its validation slides are enough to flag anything.
        public var canTell: Bool { validation >= Belonging.leastValidation }
    }

    public enum Verdict: String, Codable, Sendable {
        case usual, unlike
        /// No fold has validation slides enough.
        case cannotTell = "cannot_tell"
        /// The training has left no reference.
        case unknown
    }

    /// Those that have a reference.
    public var folds: [OfFold]

    public init(folds: [OfFold]) { self.folds = folds }

    /// The mean over the folds that can tell; at most 5 % in twice 5 % of slides however the folds depend on each other (Vovk and Wang,
    /// Biometrika 107, 2020), and rarely more than in 5 %.
    public var p: Double? {
        let told = folds.filter(\.canTell).map(\.p)
        return told.isEmpty ? nil : told.reduce(0, +) / Double(told.count)
    }

    public var verdict: Verdict {
        guard !folds.isEmpty else { return .unknown }
        guard let p else { return .cannotTell }
        return p <= Self.alarmRate ? .unlike : .usual
    }

    /// Why it is flagged, of the folds that flag it the first one's; empty where it is not.
    public var reasons: [String] {
        guard verdict == .unlike else { return [] }
        let flagging = folds.first { $0.canTell && $0.p <= Self.alarmRate }
        return (flagging?.findings ?? []).filter(\.isReason).map { finding in
            let count = flagging?.validation ?? 0
            return "\(finding.measure.words) than those of \(count - finding.asStrange) of \(count) validation slides"
        }
    }

    /// What a reader has to know; nil where the slide is like the training's.
    public var note: String? {
        switch verdict {
        case .usual: return nil
        case .unlike:
            let share = "\(((p ?? 0) * 1000).rounded() / 1000)"
            return "looks unlike the training's slides (p = \(share)): "
                + (reasons.isEmpty ? "its folds say so together" : reasons.joined(separator: "; "))
        case .cannotTell:
            return
                "whether it looks like the training's slides cannot be told at 5 %: that takes \(Self.leastValidation) validation "
                + "slides, and the training has \(folds.map(\.validation).max() ?? 0)"
        case .unknown:
            return
                "whether it looks like the training's slides is not known: this training has no reference; train again"
        }
    }
}
