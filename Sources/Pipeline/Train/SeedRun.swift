import Config
import Files
import Foundation
import Records
import Storage

/// The folds of one seed, in one folder: `JOB/training/<name>`, or `JOB/training/<name>/seed_S` where there are several.
struct SeedRun: Sendable {
    /// With this seed as the only one.
    let config: PipelineConfig
    let folder: TrainingFolder

    var name: TrainingName { folder.name }

    static func all(of config: PipelineConfig, in layout: JobLayout) -> [SeedRun] {
        guard let seeds = config.training.seeds else {
            return [SeedRun(config: config, folder: layout.training(config.name))]
        }
        return seeds.list.map { seed in
            var single = config
            single.training.seed = seed
            single.training.seeds = nil
            return SeedRun(config: single, folder: layout.training(config.name, seed: seed))
        }
    }

    func unit(_ fold: Int) -> UnitID { .fold(fold, seed: name.seed) }

    /// The seeds that have a folder `seed_S` in this one, in their order.
    /// - Throws: `StorageError` where that folder is there and cannot be looked into.
    static func seeds(in folder: URL) throws -> [UInt64] { SeedFolder.seeds(among: try FolderWalk.names(in: folder)) }
}
