import Evaluation
import Files
import Foundation
import Records
import Storage

/// What the models of one training say of a slide, over its folds.
struct EnsembleVoice {
    var training: TrainingFolder
    /// Of each target, the first one in front; at least one.
    var targets: [PredictedVoices]

    var folds: [Int] { targets[0].folds }
}

/// What `ensemble.json` says.
struct EnsembleRecord: Codable, Equatable {
    struct Model: Codable, Hashable {
        var seed: UInt64?
        var fold: Int
    }

    struct Target: Codable, Equatable {
        var name: String
        /// The file beside this one.
        var table: String
        var risks: String?
    }

    var name: String
    /// Those that say something of a slide at least.
    var models: [Model]
    var missing: [SeedEnsemble.Missing]
    var slides: Int
    /// Slides that not every seed has predicted, and how many have: their means are of fewer models.
    var incomplete: [String: Int]
    /// `validation_sd`: risks are in standard deviations from the mean of what the same model says of its validation part; `raw`:
    /// as each model tells them, since a fold's table is not there. nil where no survival is asked. Of several targets the first one's.
    var risks: String?
    /// nil where one is asked.
    var targets: [Target]?

    static func models(of voices: some Sequence<EnsembleVoice>) -> [Model] {
        let all = Set(voices.flatMap { voice in voice.folds.map { Model(seed: voice.training.name.seed, fold: $0) } })
        return all.sorted { ($0.seed ?? 0, $0.fold) < ($1.seed ?? 0, $1.fold) }
    }

    static let file = "ensemble.json"

    /// - Parameter target: of several targets one beside the first.
    static func table(of target: String?) -> String { target.map { "ensemble_\($0).csv" } ?? "ensemble.csv" }

    /// Whether a file beside predictions is one of these.
    static func isOurs(_ name: String) -> Bool {
        name == file || name == table(of: nil) || name.hasPrefix("ensemble_") && name.hasSuffix(".csv")
    }
}

/// The mean of the models of each slide, of one target.
struct EnsembleTable {
    /// Of the file.
    let name: String
    private let target: String?
    private let header: [String]
    let rows: [[String]]
    /// As `EnsembleRecord` has it.
    let risks: String?

    /// - Parameters:
    ///   - place: of the target.
    ///   - slides: in their order, of which one at least has a voice.
    init(of place: Int, in slides: [(SlideID, [EnsembleVoice])]) throws {
        let voices = slides.map { slide, voices in
            let told = voices.filter { $0.targets.indices.contains(place) }.map { ($0.training, $0.targets[place]) }
            return (slide: slide, told: told)
        }
        let first = voices.lazy.compactMap(\.told.first?.1).first
        let (kind, classes) = (first?.answer.kind ?? .class, first?.classes ?? [])
        target = first?.target
        name = EnsembleRecord.table(of: place == 0 ? nil : target)
        header = ["slide_id"] + Ensemble.columns(kind, classes: classes)
        let all = voices.flatMap(\.told)
        let origins = kind == .survival ? try Self.origins(all, of: place == 0 ? nil : target) : [:]
        risks = kind == .survival ? (origins == nil ? "raw" : PredictedVoices.riskMeasure) : nil
        rows = voices.compactMap { slide, told in
            let answers = told.flatMap { training, voices in
                zip(voices.folds, voices.answers).map { fold, answer in
                    guard !voices.areRisksComparable, let origin = origins?[training.fold(fold)] else { return answer }
                    return origin(answer)
                }
            }
            return Ensemble(voices: answers, curves: told.map(\.1.answer))
                .map { [slide.text] + $0.cells(among: classes) }
        }
    }

    var text: String { Table.text(header: header, rows: rows) }

    var record: EnsembleRecord.Target { EnsembleRecord.Target(name: target ?? "", table: name, risks: risks) }

    /// What makes risks comparable; nil where a model cannot tell.
    private static func origins(
        _ voices: [(TrainingFolder, PredictedVoices)],
        of target: String?
    ) throws -> [FoldFolder: RiskOrigin]? {
        var origins: [FoldFolder: RiskOrigin] = [:]
        for (training, told) in voices where !told.areRisksComparable {
            for fold in told.folds.map(training.fold) where origins[fold] == nil {
                guard let origin = try RiskOrigin(of: fold, target: target) else { return nil }
                origins[fold] = origin
            }
        }
        return origins
    }
}
