import Config
import Files
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
    /// Quick digest of every file of the folds, by its path in the training's folder, so that a copy of the folder can be
    /// checked too; nil in those of earlier versions.
    var files: [String: String]?
    /// SHA-256 of this file with this member empty; nil in those of earlier versions.
    var seal: String?

    static let file = TrainingFolder.File.study.rawValue
}

extension TrainedStudy {
    /// What is read to predict.
    static func isModel(_ path: String) -> Bool {
        FoldFolder.isPath(path, of: .card, .weights, .belonging)
    }

    /// What is read to judge a training.
    static func isEvidence(_ path: String) -> Bool {
        FoldFolder.isPath(path, of: .card, .predictions, .history, .baselines)
    }

    /// The study alone, whatever has become of its folds.
    /// - Returns: nil where the folder holds none.
    /// - Throws: `Failure` with `.digest` where the file is not what was written.
    static func load(_ model: TrainingFolder) throws -> TrainedStudy? {
        let file = model.file(.study)
        guard try RegularFile.exists(file) else { return nil }
        // Read once: a training that ends meanwhile replaces it.
        let data: Data
        do { data = try RegularFile.data(file) } catch { throw unreadable(error, of: model) }
        // Before it is decoded: what another version has written may not fit and is whole all the same.
        guard Seal.holds(data) else { throw damaged("\(Self.file) is not what was written", of: model) }
        do { return try CanonicalJSON.decode(TrainedStudy.self, made: data, file) } catch let error as StorageError {
            throw unreadable(error, of: model)
        }
    }

    private static func unreadable(_ error: StorageError, of model: TrainingFolder) -> any Error {
        guard [.file, .notFound].contains(error.code) else { return error }
        return damaged("\(Self.file) cannot be read (\(error.message))", of: model)
    }

    /// - Parameter isRead: the files of the folds, by their path in the folder, that are compared with their record.
    /// - Throws: `Failure` where the folder holds no training, one that is not whole, or files that are not those that were
    ///   written.
    static func read(_ model: TrainingFolder, of isRead: (String) -> Bool = isModel) throws -> TrainedStudy {
        guard let study = try load(model) else {
            let seed = try SeedRun.seeds(in: model.url).first
            let example = seed.map { "\(model.url.lastPathComponent)/\(SeedFolder.name($0))" }
            throw Failure(
                .notFound,
                model.url.path,
                example.map { "trained with several seeds; name one, such as --model \($0)" }
                    ?? "no trained model here; run wsi train first, or name another with --model"
            )
        }
        guard study.splits.count == study.checkpoints.count, Set(study.splits.map(\.fold)).count == study.splits.count
        else {
            throw damaged("\(Self.file) does not name one model for each of its folds", of: model)
        }
        let files = try study.files ?? recorded(beside: model)
        for (split, wanted) in zip(study.splits, study.checkpoints) {
            let fold = FoldName.text(split.fold)
            let card = model.fold(split.fold).file(.card)
            // A fold that was trained anew is another one, not a damaged one.
            let mark = Result { try CanonicalJSON.read(CheckpointMark.self, from: card) }
            if let mark = try? mark.get(), mark.fingerprint != wanted {
                throw Failure(
                    .fingerprint,
                    UnitID.fold(split.fold, seed: model.name.seed).text,
                    "this checkpoint belongs to another training than \(Self.file); run \(Self.command(finishing: model))"
                )
            }
            for (path, digest) in files.sorted(by: { $0.key < $1.key })
            where path.hasPrefix("\(fold)/") && isRead(path) {
                let file = model.url.appending(path: path).path
                guard let damage = try Damage.find(path, at: file, size: nil, digest: digest, .digest) else { continue }
                if damage.code == .access {
                    throw Failure(.access, model.url.path, "\(damage.text); give this user the right to read it")
                }
                throw damaged(damage.text, of: model)
            }
            do { _ = try mark.get() } catch let error as StorageError where error.code == .file {
                throw damaged("\(FoldFolder.path(split.fold, .card)) cannot be read (\(error.message))", of: model)
            }
        }
        return study
    }

    /// What the features that the models were trained on say of themselves; of trainings of earlier versions only the encoder is
    /// known, and that where the job had made the features.
    func facts(of model: TrainingFolder) throws -> PatchFacts {
        struct Card: Decodable { var facts: PatchFacts? }
        let card = try splits.first.map {
            try CanonicalJSON.read(Card.self, from: model.fold($0.fold).file(.card))
        }
        if let facts = card?.facts { return facts }
        guard config.features.path == nil else { return PatchFacts() }
        return PatchFacts(encoder: PatchFacts.Encoder(name: encoder.name, digest: encoder.digest))
    }

    /// The models of the folds: the config's, or what a search has chosen in each.
    func models(of model: TrainingFolder) throws -> [ModelConfig] {
        guard config.search != nil else { return [config.model] }
        struct Card: Decodable { var model: ModelConfig }
        return try splits.map {
            try CanonicalJSON.read(Card.self, from: model.fold($0.fold).file(.card)).model
        }
    }

    /// What makes one training of folds of which some were trained anew, and what follows from it. Where other folds, also of other
    /// seeds, are still those of their study, they stand in the way of the new configuration.
    static func command(finishing model: TrainingFolder) -> String {
        let (job, name) = (model.job, model.name.study)
        let seeds = model.name.seed == nil ? [] : (try? SeedRun.seeds(in: job.training(name).url)) ?? []
        let folders = seeds.isEmpty ? [model] : seeds.map { job.training(name, seed: $0) }
        let isMixed = folders.contains { folder in
            guard let study = try? load(folder) else { return false }
            return zip(study.splits, study.checkpoints).contains { split, wanted in
                let card = folder.fold(split.fold).file(.card)
                return (try? CanonicalJSON.read(CheckpointMark.self, from: card))?.fingerprint == wanted
            }
        }
        return job.command(of: .train(name)) + (isMixed ? " --redo" : "")
    }

    /// The bytes of the file, with the digest of what it says.
    func sealed() throws -> Data {
        try Seal.data { seal in
            var study = self
            study.seal = seal
            return study
        }
    }

    private static func damaged(_ what: String, of model: TrainingFolder) -> Failure {
        let command = model.job.command(of: .train(model.name.text))
        return Failure(.digest, model.url.path, "\(what); run \(command), or copy the training again")
    }

    /// The digests of the folds' files that a training's outcomes hold, by path in its folder.
    static func files(of outcomes: [Outcome], name: TrainingName) -> [String: String] {
        let prefix = JobLayout.trainingPath(name)
        let outputs = outcomes.flatMap(\.outputs).filter { $0.key.hasPrefix(prefix) }
        return Dictionary(
            outputs.map { (String($0.key.dropFirst(prefix.count)), $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Of a training whose study does not tell, from the job that it lies in.
    private static func recorded(beside model: TrainingFolder) throws -> [String: String] {
        files(of: try Stage.outcomes(stage: .train(model.name.study), in: model.job), name: model.name)
    }

    /// The part of `checkpoint.json` that says which training it came from, and of which weights it speaks.
    struct CheckpointMark: Decodable {
        var fingerprint: String
        var weights: String?

        enum CodingKeys: String, CodingKey {
            case fingerprint
            case weights = "weights_sha256"
        }
    }

    /// Whether the card of a fold is there, is this training's and is not what was written.
    func isDamaged(_ fold: Int, at model: TrainingFolder) throws -> Bool {
        let card = model.fold(fold).file(.card)
        guard let place = splits.firstIndex(where: { $0.fold == fold }), checkpoints.indices.contains(place),
            let digest = files?[FoldFolder.path(fold, .card)], try RegularFile.exists(card),
            try Digest.quick(fileAt: card) != digest
        else { return false }
        let mark = try CanonicalJSON.readUndamaged(CheckpointMark.self, from: card)
        return mark.map { $0.fingerprint == checkpoints[place] } ?? true
    }

    /// What tells a fold's model from any other, by the SHA-256 of both files; that of the weights is the one that
    /// `checkpoint.json` gives.
    /// - Returns: nil where there is no such fold, or no whole one.
    static func checkpoint(_ fold: Int, of model: TrainingFolder) throws -> (version: String, weights: String)? {
        let card = model.fold(fold).file(.card)
        guard try RegularFile.exists(card),
            let weights = try CanonicalJSON.read(CheckpointMark.self, from: card).weights
        else { return nil }
        return (try CanonicalJSON.fingerprint([try Digest.sha256(fileAt: card), weights]), weights)
    }

    /// Every slide that a fold was trained or tested on.
    var slides: Set<SlideID> { Set(splits.flatMap { $0.train + $0.validation + $0.test }) }

    /// The folds that may speak about a slide: those that tested it; all of them where it is not of the cohort; none where
    /// it only served for training.
    func folds(for slide: SlideID) -> [Int] {
        let tested = splits.filter { $0.test.contains(slide) }.map(\.fold)
        if !tested.isEmpty { return tested }
        let known = splits.contains { $0.train.contains(slide) || $0.validation.contains(slide) }
        return known ? [] : splits.map(\.fold)
    }
}
