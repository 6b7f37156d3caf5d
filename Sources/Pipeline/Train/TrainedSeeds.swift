import Evaluation
import Files
import Foundation
import Records
import Storage

/// The trainings that a name stands for: `NAME` itself, or `NAME/seed_S` of every seed that is whole.
struct TrainedSeeds: Sendable {
    /// Of seeds in their order; where none is whole the folder itself, whose reader says what is wrong.
    let trained: [TrainingFolder]
    /// Models of seeds that are not whole.
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
        missing = folders.filter { folder in !known.contains { $0.0 == folder.0 } }.flatMap { seed, folder in
            let folds = (try? FolderWalk.names(in: folder.url).compactMap { FoldName.fold(of: $0) }.sorted()) ?? []
            return (folds.isEmpty ? [0] : folds).map { fold in
                SeedEnsemble.Missing(seed: seed, fold: fold, reason: "the seed's training is not whole")
            }
        }
    }

    /// The seeds, with commas between them.
    var words: String { trained.compactMap(\.name.seed).map { "\($0)" }.joined(separator: ", ") }
}
