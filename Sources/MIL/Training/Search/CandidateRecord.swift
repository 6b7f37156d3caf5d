import Config
import Evaluation
import Files
import Foundation
import Messages
import Records
import Storage

/// What is on record of a candidate that was trained: enough to compare it, and to tell whether it is still what is asked for.
struct CandidateRecord: Codable, Equatable {
    static let currentFormat = "wsi-candidate-2"
    private static let versionKey = "wsi_version"

    var format = CandidateRecord.currentFormat
    /// Of the fold as if this were its only config.
    var fingerprint: String
    /// Of wsi: figures of two versions are not compared.
    var version: String?
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
        (fingerprint, version) = (variant.request.fingerprint, variant.request.provenance[Self.versionKey])
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
            record.training == wanted.training, record.recipe == wanted.recipe, record.version == wanted.version,
            record.isConsistent
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
        let scores = recipe.smoothed(history.map { $0.measured(by: measure) ?? -.infinity })
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
