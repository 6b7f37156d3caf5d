import Evaluation
import Files
import Foundation
import Records
import Storage

/// The trainings that a name stands for: `NAME` itself, or `NAME/seed_S` of every seed that is whole.
struct TrainedSeeds: Sendable {
    /// Of seeds in their order; where none is whole the folder itself, whose reader says what is wrong.
    let trained: [TrainingFolder]
    /// Models of seeds that are not whole: of each the folds that are not trained, or all where the seed lacks something else.
    let missing: [SeedEnsemble.Missing]

    /// Whether these are the seeds of a folder that is no training itself.
    let areSeeds: Bool

    init(in model: TrainingFolder) throws {
        let seeds = try RegularFile.exists(model.file(.study)) ? [] : SeedRun.seeds(in: model.url)
        let folders = seeds.map { seed in
            (seed, TrainingFolder(at: model.url.appending(path: SeedFolder.name(seed))))
        }
        let known = try folders.filter { try RegularFile.exists($0.1.file(.study)) }
        trained = known.isEmpty ? [model] : known.map(\.1)
        areSeeds = !known.isEmpty
        guard let first = known.first else {
            missing = []
            return
        }
        let whole = Set(known.map(\.0))
        let told = Self.told(of: model)
        let absent = Set(folders.map(\.0) + told.seeds + told.missing.map(\.seed)).subtracting(whole).sorted()
        // All seeds have the same folds.
        let folds = absent.isEmpty ? [] : try TrainedStudy.load(first.1)?.splits.map(\.fold).sorted() ?? []
        missing = try absent.flatMap { seed in
            let folder = TrainingFolder(at: model.url.appending(path: SeedFolder.name(seed)))
            let untrained = try folds.filter { try !RegularFile.exists(folder.fold($0).file(.card)) }
            return (untrained.isEmpty ? folds : untrained).map { fold in
                let known = told.missing.first { $0.seed == seed && $0.fold == fold }?.reason
                let reason = untrained.isEmpty ? "the seed's training is not whole" : "it is not trained"
                return SeedEnsemble.Missing(seed: seed, fold: fold, reason: known ?? reason)
            }
        }
    }

    /// The seeds that the training's last summary knows, of which some may have no folder, and the models that it missed. None without
    /// a summary, or where it cannot be read: what it says more than the folders is only told.
    private static func told(of model: TrainingFolder) -> (seeds: [UInt64], missing: [SeedEnsemble.Missing]) {
        struct Summary: Decodable {
            struct Ensemble: Decodable {
                var models: [SeedEnsemble.Model]
                var missing: [SeedEnsemble.Missing]
            }

            var ensemble: Ensemble?
        }
        let summary = try? CanonicalJSON.read(Summary.self, from: model.file(.metrics))
        return (summary?.ensemble?.models.map(\.seed) ?? [], summary?.ensemble?.missing ?? [])
    }

    /// The seeds, with commas between them.
    var words: String { trained.compactMap(\.name.seed).map { "\($0)" }.joined(separator: ", ") }
}
