import Foundation
import Records
import Storage

/// What a training leaves in `JOB/training/<name>/study.json`: enough to predict and evaluate without its config file.
struct TrainedStudy: Codable, Equatable, Sendable {
    /// The config with every default written out.
    var config: PipelineConfig
    var classes: [String]
    var encoder: EncoderIdentity
    /// By slide.
    var splits: [Split]
    /// The slides of each case in order, where a case was one bag.
    var cases: [String: [SlideID]]?
    /// Fingerprint of each fold's checkpoint, in the order of the splits: which models these splits belong to.
    var checkpoints: [String]

    static let file = "study.json"
}

extension TrainedStudy {
    /// - Throws: `Failure` where the folder holds no training.
    static func read(_ model: URL) throws -> TrainedStudy {
        let file = model.appending(path: Self.file)
        guard FileManager.default.fileExists(atPath: file.path) else {
            let seeds = (try? FileManager.default.contentsOfDirectory(atPath: model.path))?.filter {
                $0.hasPrefix("seed_")
            }
            let example = seeds?.min { $0.compare($1, options: .numeric) == .orderedAscending }
            throw Failure(
                .notFound,
                model.path,
                example.map { "trained with several seeds; name one, such as --model \(model.lastPathComponent)/\($0)" }
                    ?? "no trained model here; run wsi train first, or name another with --model"
            )
        }
        let study = try CanonicalJSON.read(TrainedStudy.self, from: file)
        for (split, wanted) in zip(study.splits, study.checkpoints) {
            let card = model.appending(path: "fold_\(split.fold)/checkpoint.json")
            guard try CanonicalJSON.read(CheckpointMark.self, from: card).fingerprint == wanted else {
                throw Failure(
                    .fingerprint,
                    "fold_\(split.fold)",
                    "this checkpoint belongs to another training than \(Self.file); finish it with wsi train"
                )
            }
        }
        return study
    }

    /// The part of `checkpoint.json` that says which training it came from.
    private struct CheckpointMark: Decodable {
        var fingerprint: String
    }

    /// The folds that may speak about a slide: those that tested it; all of them where it is not of the cohort; none where
    /// it only served for training.
    func folds(for slide: SlideID) -> [Int] {
        let tested = splits.filter { $0.test.contains(slide) }.map(\.fold)
        if !tested.isEmpty { return tested }
        let known = splits.contains { $0.train.contains(slide) || $0.validation.contains(slide) }
        return known ? [] : splits.map(\.fold)
    }
}
