import Files
import Foundation
import Records
import Storage

extension Lineage {
    /// The names of stages with outcomes; a training of several seeds has some inside its own folder.
    /// - Throws: `StorageError` where a folder is there and cannot be looked into.
    static func stages(in layout: JobLayout, of kind: StageName.Kind? = nil) throws -> [StageName] {
        let root = layout.folder(.outcomes)
        let folders = try FolderWalk.names(in: root).filter { !$0.hasPrefix(".") }
        let named = folders.filter { kind == nil || StageName($0).kind == kind }
        // Listing one with thousands of files takes milliseconds.
        let found = try named.concurrentMap(atOnce: 1) { name in
            let (hasAny, others) = try contents(of: root.appending(path: name))
            let seeds = SeedFolder.seeds(among: others).map { StageName("\(name)/\(SeedFolder.name($0))") }
            let trained = try seeds.filter { try contents(of: layout.outcomes(stage: $0)).hasAny }
            return (hasAny ? [StageName(name)] : []) + trained
        }
        return found.flatMap(\.self).sorted()
    }

    /// Whether a folder has outcomes, and the names of what else it has.
    private static func contents(of folder: URL) throws(StorageError) -> (hasAny: Bool, others: [String]) {
        var hasAny = false
        let ending = ".json".utf8
        let others = try FolderWalk.names(in: folder) { letters in
            let isOne = letters.count >= ending.count && letters.suffix(ending.count).elementsEqual(ending)
            hasAny = hasAny || isOne
            return !isOne
        }
        return (hasAny, others)
    }

    /// Of a model that has no predictions here, with those that have.
    static func unpredicted(_ model: TrainingName, in layout: JobLayout) -> Failure {
        let others = ((try? stages(in: layout, of: .predict)) ?? []).map(\.subject)
        let known = others.isEmpty ? "" : ", only of \(others.shortened)"
        return Failure(.notFound, layout.root.path, "no predictions of \(model) here\(known); run wsi predict first")
    }
}

// Of what is made of all folds of a training, and of all seeds.
extension Lineage {
    /// Of the folds, by their units.
    func changes(ofMetrics outcome: OutcomeBrief) throws -> [String] {
        let folds = StageName.train(outcome.stage.training.study)
        return try outcome.inputs.filter { try version(folds, UnitID($0)) != $1 }.keys.sorted()
    }

    /// Of the metrics of the seeds, by their folders.
    func changes(ofSummary outcome: OutcomeBrief) throws -> [String] {
        try outcome.inputs.filter { folder, digest in
            // Others are models that took no part, with the reason.
            guard SeedFolder.seed(of: folder) != nil else { return false }
            let name = TrainingName(text: "\(outcome.stage.subject)/\(folder)")
            let metrics = try Stage.outcomes(stage: .evaluate(name), in: layout).first
            return metrics?.outputs[JobLayout.trainingPath(name) + TrainingFolder.File.metrics.rawValue] != digest
        }
        .keys.sorted()
    }

    /// Of the predictions that are joined, by the seeds; of one training alone under a name of their own.
    func changes(ofEnsemble outcome: OutcomeBrief) throws -> [String] {
        var voices: [String: String] = [:]
        for stage in try voiceStages(of: outcome.stage) {
            let told = try outcomes(stage).all.filter { brief in
                try brief.status == .ok && changes(stage, brief.unit).isEmpty
            }
            let versions = told.flatMap { [$0.unit.text, $0.version ?? ""] }
            guard !versions.isEmpty else { continue }
            voices[Self.voices(of: stage.training)] = try CanonicalJSON.fingerprint(texts: versions)
        }
        return Set(voices.keys).union(outcome.inputs.keys).filter { voices[$0] != outcome.inputs[$0] }.sorted()
    }

    /// The predictions of a training, or of each of its seeds.
    private func voiceStages(of ensemble: StageName) throws -> [StageName] {
        let name = ensemble.training
        return try Self.stages(in: layout, of: .predict).filter { stage in
            let isOfSeed = name.seed == nil && stage.training.seed != nil && stage.training.study == name.study
            return stage.training == name || isOfSeed
        }
    }

    /// Whether predictions themselves have to be made anew before they can be joined.
    func isBehind(_ ensemble: StageName) throws -> Bool {
        try voiceStages(of: ensemble).contains { stage in
            try outcomes(stage).all.contains { try $0.status == .ok && !changes(stage, $0.unit).isEmpty }
        }
    }

    /// Among an ensemble's inputs.
    static func voices(of training: TrainingName) -> String { training.seed.map(SeedFolder.name) ?? "predictions" }
}
