/// A stage of a job and what it works with: the folder of its outcomes in `JOB/outcomes`.
///
/// `tile`, `features_<encoder>`, `train_<training>`, `predict_<predictions>`, `ensemble_<predictions>`, `heatmap_<pictures>`,
/// `heatmap.<output>_<pictures>`, `evaluate_<training>`, `summarise_<training>`.
public struct StageName: Hashable, Sendable {
    public let text: String

    /// A name that was read; stages of other versions have any.
    public init(_ text: String) { self.text = text }

    /// The stages, in the order of the work.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        case tile, features, train, predict, ensemble, heatmap, evaluate, summarise

        /// What its outcomes are about.
        public enum Unit: String, Sendable { case slide, fold, training, predictions }

        public var unit: Unit {
            switch self {
            case .tile, .features, .predict, .heatmap: .slide
            case .train: .fold
            case .ensemble: .predictions
            case .evaluate, .summarise: .training
            }
        }

        /// Whether its command makes its results anew whatever stands there, since that takes seconds.
        public var isMadeAnew: Bool {
            switch self {
            case .ensemble, .evaluate, .summarise: true
            case .tile, .features, .train, .predict, .heatmap: false
            }
        }

        /// Whether its HDF5 files carry the fingerprint of their outcome.
        public var carriesFingerprint: Bool {
            switch self {
            case .tile, .features, .predict: true
            case .train, .ensemble, .heatmap, .evaluate, .summarise: false
            }
        }
    }

    public static let tile = StageName(Kind.tile.rawValue)

    public static func features(_ encoder: String) -> StageName { StageName(.features, of: encoder) }
    /// All seeds of a training.
    public static func train(_ study: String) -> StageName { StageName(.train, of: study) }
    public static func predict(_ name: TrainingName) -> StageName { StageName(.predict, of: name.text) }
    /// What all models of a training say together.
    public static func ensemble(_ name: TrainingName) -> StageName { StageName(.ensemble, of: name.text) }
    public static func evaluate(_ name: TrainingName) -> StageName { StageName(.evaluate, of: name.text) }
    public static func summarise(_ study: String) -> StageName { StageName(.summarise, of: study) }

    /// - Parameter output: nil for the sheet, the one that was first.
    public static func heatmap(_ output: String?, pictures: String) -> StageName {
        StageName("\(Kind.heatmap.rawValue)\(output.map { ".\($0)" } ?? "")_\(pictures)")
    }

    private init(_ kind: Kind, of subject: String) { self.init("\(kind.rawValue)_\(subject)") }

    private var head: Substring { text.prefix { $0 != "_" } }

    /// nil for a stage that is none of these.
    public var kind: Kind? { Kind(rawValue: String(head.prefix { $0 != "." })) }

    /// The encoder, training, predictions or pictures; empty for what has none.
    public var subject: String { String(text.dropFirst(head.count + 1)) }

    /// Of heatmaps, where it is not the sheet.
    public var output: String? {
        guard let point = head.firstIndex(of: ".") else { return nil }
        return String(head[head.index(after: point)...])
    }

    /// Of a training's stages and of predictions.
    public var training: TrainingName { TrainingName(text: subject) }
}

extension StageName: CustomStringConvertible {
    public var description: String { text }
}

extension StageName: Comparable {
    public static func < (left: StageName, right: StageName) -> Bool { left.text < right.text }
}

extension StageName: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
