import Config
import Files
public import Foundation
import Records
import Storage

/// The folds of one seed, in one folder: `JOB/training/<name>`, or `JOB/training/<name>/seed_S` where there are several.
public struct SeedRun: Sendable {
    /// `<name>` or `<name>/seed_S`.
    let name: String
    /// With this seed as the only one.
    let config: PipelineConfig
    let folder: URL
    /// `seed_S_`, or nothing.
    private let prefix: String

    static func all(of config: PipelineConfig, in layout: JobLayout) -> [SeedRun] {
        guard let seeds = config.training.seeds else {
            return [SeedRun(name: config.name, config: config, folder: folder(config.name, layout), prefix: "")]
        }
        return seeds.map { seed in
            var single = config
            single.training.seed = seed
            single.training.seeds = nil
            let name = "\(config.name)/seed_\(seed)"
            return SeedRun(name: name, config: single, folder: folder(name, layout), prefix: "seed_\(seed)_")
        }
    }

    private static func folder(_ name: String, _ layout: JobLayout) -> URL { layout.training.appending(path: name) }

    func unit(_ fold: Int) throws -> SlideID { try SlideID("\(prefix)fold_\(fold)") }

    /// The folders `seed_S` in a folder, by S.
    /// - Throws: `StorageError` where that folder is there and cannot be looked into.
    static func folders(in folder: URL) throws -> [URL] {
        try FolderWalk.names(in: folder).filter { $0.wholeMatch(of: /seed_\d+/) != nil }
            .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .map { folder.appending(path: $0) }
    }

    /// The name of the training in a folder that `all` may have named.
    public static func name(of folder: URL) -> String {
        let name = folder.lastPathComponent
        guard name.wholeMatch(of: /seed_\d+/) != nil else { return name }
        return "\(folder.deletingLastPathComponent().lastPathComponent)/\(name)"
    }

    /// The job that a training's folder lies in, `JOB/training/<name>`.
    static func job(of folder: URL) -> JobLayout {
        let levels = name(of: folder).split(separator: "/").count + 1
        return JobLayout(root: (0..<levels).reduce(folder) { url, _ in url.deletingLastPathComponent() })
    }
}
