import Files
import Foundation
import Records
import Storage

/// Where the foreign features of a job's trainings lie: `JOB/audit/features/….json`, a file for each training, so that trainings
/// beside each other never lose each other's place.
struct FeaturePaths: Codable {
    static let fileOfBefore = "features.json"

    /// By the training's name.
    var trainings: [String: String] = [:]

    private static func folder(_ layout: JobLayout) -> URL { layout.audit(.features) }

    /// - Throws: `StorageError.system` where the machine does not give a file that is there.
    static func read(_ layout: JobLayout) throws -> FeaturePaths {
        // One file for all trainings, of earlier versions.
        let before = layout.audit.appending(path: Self.fileOfBefore)
        return try ([before] + AuditFiles.oldestFirst(in: folder(layout)))
            .compactMap { try CanonicalJSON.readUndamaged(FeaturePaths.self, from: $0) }
            .reduce(into: FeaturePaths()) { $0.trainings.merge($1.trainings) { $1 } }
    }

    static func record(_ path: URL?, of training: String, in layout: JobLayout) throws {
        guard let path, try read(layout).trainings[training] != path.path else { return }
        let name = Digest.sha256(Data(training.utf8)).prefix(16)
        try CanonicalJSON.write(
            FeaturePaths(trainings: [training: path.path]),
            to: folder(layout).appending(path: "\(name).json")
        )
    }
}

/// What predictions of a job were made with from outside of it: `JOB/audit/predictions/<name>.sources/….json`, a file for each
/// model and features that were used together. What is of the job itself, under the name of the predictions, is not in it.
struct PredictionSources: Codable, Equatable {
    /// Folders of trainings.
    var models: [String] = []
    /// Folders or files of another tool's features.
    var features: [String] = []

    private static func folder(_ name: TrainingName, _ layout: JobLayout) -> URL {
        layout.audit(.predictions).appending(path: "\(name).sources")
    }

    /// - Parameter name: of the predictions.
    /// - Returns: the oldest first.
    /// - Throws: `StorageError.system` where the machine does not give a file that is there.
    static func read(_ name: TrainingName, in layout: JobLayout) throws -> PredictionSources {
        // One file for all, of earlier versions.
        let before = layout.audit(.predictions).appending(path: "\(name).json")
        return try ([before] + AuditFiles.oldestFirst(in: folder(name, layout)))
            .compactMap { try CanonicalJSON.readUndamaged(PredictionSources.self, from: $0) }
            .reduce(into: PredictionSources()) { sources, next in
                sources.models += next.models.filter { !sources.models.contains($0) }
                sources.features += next.features.filter { !sources.features.contains($0) }
            }
    }

    static func add(model: URL, features: URL?, to name: TrainingName, in layout: JobLayout) throws {
        let (own, used) = (layout.training(name).url.standardizedFileURL, model.standardizedFileURL)
        let sources = PredictionSources(
            models: used.path == own.path ? [] : [used.path],
            features: features.map { [$0.path] } ?? []
        )
        let known = try read(name, in: layout)
        guard !Set(sources.models).isSubset(of: known.models) || !Set(sources.features).isSubset(of: known.features)
        else { return }
        let digest = try CanonicalJSON.fingerprint(sources).prefix(16)
        try CanonicalJSON.write(sources, to: folder(name, layout).appending(path: "\(digest).json"))
    }
}

/// Files that processes write beside each other, none of which replaces another's.
enum AuditFiles {
    /// By when they were written; those of one moment by name.
    static func oldestFirst(in folder: URL) throws -> [URL] {
        try FolderWalk.names(in: folder).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
            .map { folder.appending(path: $0) }
            .map { (file: $0, written: FileFacts($0.path)?.written ?? 0) }
            .sorted { ($0.written, $0.file.path) < ($1.written, $1.file.path) }.map(\.file)
    }
}
