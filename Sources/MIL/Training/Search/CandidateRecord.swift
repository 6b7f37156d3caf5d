import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage

/// What is on record of a candidate that was trained: enough to compare it, and to tell whether it is still what is asked for.
struct CandidateRecord: Codable, Equatable {
    static let currentFormat = "wsi-candidate-1"

    var format = CandidateRecord.currentFormat
    /// Of the fold as if this were its only config.
    var fingerprint: String
    var model: ModelConfig
    /// As the config has it.
    var training: TrainingConfig
    /// With what a plan has filled in, and what the model's recipe says.
    var recipe: Recipe
    var history: [EpochRecord]
    /// The epoch that it kept, counted from 0; nil where it could not be trained.
    var epoch: Int?
    /// SHA-256 of its parameters as a file; nil where it has none.
    var weights: String?
    /// Why it could not be trained.
    var failure: String?
    /// SHA-256 of the file with this member empty.
    var seal: String?

    /// - Parameters:
    ///   - variant: of the candidate.
    ///   - width: of the features.
    init(_ variant: FoldVariant, width: Int) {
        fingerprint = variant.request.fingerprint
        (model, training) = (variant.request.model, variant.given)
        (recipe, history) = (variant.recipe(featureWidth: width), [])
    }

    /// What is on record of a candidate, if it is whole and of this very candidate.
    /// - Returns: nil where nothing is, or what is there is not what would be written by now.
    static func read(_ file: URL, of variant: FoldVariant, width: Int) throws -> CandidateRecord? {
        guard try RegularFile.exists(file) else { return nil }
        let data: Data
        do { data = try RegularFile.data(file) } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        guard Seal.isWhole(data) == true,
            let record = try? CanonicalJSON.decode(CandidateRecord.self, made: data, file)
        else { return nil }
        let wanted = CandidateRecord(variant, width: width)
        guard record.format == currentFormat, record.fingerprint == wanted.fingerprint, record.model == wanted.model,
            record.training == wanted.training, record.recipe == wanted.recipe, record.isConsistent
        else { return nil }
        return record
    }

    /// Whether it kept the epoch that its own figures tell.
    private var isConsistent: Bool {
        failure == nil ? epoch == keptEpoch && epoch != nil && weights != nil : epoch == nil && weights == nil
    }

    /// As the training keeps it: of equal epochs the earlier one.
    private var keptEpoch: Int? {
        let scores = recipe.smoothed(history.map { $0.value(of: recipe.selection) })
        guard let best = scores.max(), best > -.infinity else { return nil }
        return scores.firstIndex(of: best)
    }

    func write(to file: URL) throws {
        let data = try Seal.data { seal in
            var record = self
            record.seal = seal
            return record
        }
        try AtomicFile.write(data, to: file)
    }

    /// The measure at the kept epoch, larger being better, smoothed as the recipe smooths its own; nil where there is none.
    func score(by measure: Recipe.Selection) -> Double? {
        let scores = recipe.smoothed(history.map { $0.value(of: measure) })
        guard let epoch, scores.indices.contains(epoch), scores[epoch].isFinite else { return nil }
        return scores[epoch]
    }

    /// As training itself returns it.
    func result(with parameters: [String: StoredTensor]) -> TrainingLoop.Trained {
        TrainingLoop.Trained(
            parameters: parameters,
            epoch: epoch ?? 0,
            score: recipe.selection == .last ? nil : score(by: recipe.selection),
            history: history
        )
    }
}

/// The files of the candidates of a fold.
enum CandidateFiles {
    private static let hosts = [ModelTraining.hostName, ModelTraining.hostHistoryName]

    /// Another training's candidates must not stay beside a model that was compared with none.
    static func removeAll(of fold: FoldFolder) throws { try remove(fold.search) }

    /// What is of use only while candidates are compared.
    static func removeWeights(_ folder: CandidateFolder) throws {
        for name in [CandidateFolder.File.weights.rawValue] + hosts + TrainRequest.resumeFiles {
            try remove(folder.url.appending(path: name))
        }
    }

    /// Folders of candidates that are compared no more.
    /// - Parameter kept: the others.
    static func removeStrangers(of fold: FoldFolder, keeping kept: [CandidateFolder]) throws {
        let names = Set(kept.map(\.url.lastPathComponent))
        for name in try FolderWalk.names(in: fold.search) where !name.hasPrefix(".") && !names.contains(name) {
            try remove(fold.search.appending(path: name))
        }
    }

    /// The host that a candidate began with; nil where it is not there as it was written.
    static func host(in folder: URL, _ fingerprint: String) throws -> [(name: String, data: Data)]? {
        let files = hosts.map { ($0, folder.appending(path: $0)) }
        guard try files.allSatisfy({ try RegularFile.exists($0.1) }),
            let stored = try? SafeTensors(contentsOf: files[0].1), stored.metadata["fingerprint"] == fingerprint
        else { return nil }
        return try files.map { ($0.0, try RegularFile.data($0.1)) }
    }

    static func remove(_ url: URL) throws {
        do { try FileManager.default.removeItem(at: url) } catch {
            // Equal processes may remove it at once.
            if try RegularFile.exists(url) { throw error }
        }
    }
}
