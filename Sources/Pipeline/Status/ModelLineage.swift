import Files
import Foundation
import Records
import Storage

/// The trainings that predictions of a job may come from, and the features of other tools that they were made on.
final class ModelLineage {
    /// Among changes: the training itself is no more.
    static let training = "training"

    let layout: JobLayout
    private let scrutiny: Scrutiny
    private var studies: [TrainingFolder: Result<TrainedStudy?, any Error>] = [:]
    private var origins: [TrainingName: [Origin]] = [:]
    private var sources: [TrainingName: PredictionSources] = [:]
    private var folders: [URL: [SlideID: URL]] = [:]
    private var digests: [URL: String] = [:]

    /// A training that predictions may come from, with what has been found of it.
    private final class Origin {
        let model: TrainingFolder
        let study: Result<TrainedStudy?, any Error>
        /// The folds that may speak about a slide.
        var voices: [SlideID: [Int]]?
        var folds: [Int: Fold] = [:]

        init(_ model: TrainingFolder, _ study: Result<TrainedStudy?, any Error>) {
            (self.model, self.study) = (model, study)
        }
    }

    /// A fold's model as it is by now.
    private enum Fold {
        /// A damaged card makes no prediction older than it was; whoever reads it finds the damage.
        case damaged
        /// Empty where it is not there, or not whole.
        case version(String)
    }

    init(_ layout: JobLayout, _ scrutiny: Scrutiny) {
        self.layout = layout
        self.scrutiny = scrutiny
    }

    func study(_ model: TrainingFolder) throws -> TrainedStudy? {
        if let known = studies[model] { return try known.get() }
        let study = Result { try TrainedStudy.load(model) }
        studies[model] = study
        return try study.get()
    }

    func sources(_ name: TrainingName) throws -> PredictionSources {
        if let known = sources[name] { return known }
        let read = try PredictionSources.read(name, in: layout)
        sources[name] = read
        return read
    }

    /// The folder and the fold of a training's outcome; nil where the unit is none.
    func place(of outcome: Outcome) -> (model: TrainingFolder, fold: Int)? {
        outcome.unit.fold.map { fold, seed in (layout.training(outcome.stage.subject, seed: seed), fold) }
    }

    /// Which models of a prediction are others by now, or which folds speak about its slide.
    /// - Returns: also the training that it is told by; nil where none can be found, and then nothing is known to differ.
    func changes(
        of outcome: Outcome,
        _ name: TrainingName
    ) throws -> (study: (study: TrainedStudy, model: TrainingFolder)?, changes: [String]) {
        var first: (study: (study: TrainedStudy, model: TrainingFolder)?, changes: [String])?
        for origin in try origins(of: name) {
            let model = origin.model
            guard let study = try origin.study.get() else {
                // Under the training's name stands one with other seeds.
                let top = layout.training(name.study).url
                let isOwn = model.url.path.hasPrefix(layout.training.path + "/")
                if isOwn, try RegularFile.exists(top) { first = first ?? (nil, [Self.training]) }
                continue
            }
            let changes = try foldChanges(outcome, study, origin)
            if changes.isEmpty { return ((study, model), []) }
            first = first ?? ((study, model), changes)
        }
        return first ?? (nil, [])
    }

    private func origins(of name: TrainingName) throws -> [Origin] {
        if let known = origins[name] { return known }
        let others = try sources(name).models.map { TrainingFolder(at: URL(filePath: $0)) }
        let found = ([layout.training(name)] + others).map { model in Origin(model, Result { try study(model) }) }
        origins[name] = found
        return found
    }

    private func foldChanges(_ outcome: Outcome, _ study: TrainedStudy, _ origin: Origin) throws -> [String] {
        let recorded = outcome.fingerprint.checkpoints
        var wanted: [Int: String] = [:]
        for fold in folds(for: outcome.slide, study, origin) {
            switch try self.fold(fold, of: study, origin) {
            case .damaged: wanted[fold] = recorded[fold]
            case .version(let version): wanted[fold] = version
            }
        }
        if recorded == wanted { return [] }
        return Set(recorded.keys).union(wanted.keys).filter { recorded[$0] != wanted[$0] }.map(FoldName.text)
            .sorted()
    }

    private func fold(_ fold: Int, of study: TrainedStudy, _ origin: Origin) throws -> Fold {
        if let known = origin.folds[fold] { return known }
        let model = origin.model
        let isDamaged = try StorageError.ifGiven { try study.isDamaged(fold, at: model) } ?? false
        let found: Fold
        if isDamaged {
            found = .damaged
        } else {
            let checkpoint = try StorageError.ifGiven { try TrainedStudy.checkpoint(fold, of: model) }
            found = .version(checkpoint?.version ?? "")
        }
        origin.folds[fold] = found
        return found
    }

    /// As `TrainedStudy.folds(for:)`, in one pass for all slides.
    private func folds(for slide: SlideID, _ study: TrainedStudy, _ origin: Origin) -> [Int] {
        if let known = origin.voices { return known[slide] ?? study.splits.map(\.fold) }
        var voices: [SlideID: [Int]] = [:]
        for split in study.splits {
            for slide in split.train + split.validation { voices[slide] = voices[slide] ?? [] }
            for slide in split.test { voices[slide, default: []].append(split.fold) }
        }
        origin.voices = voices
        return voices[slide] ?? study.splits.map(\.fold)
    }

    /// Whether these slides' features of another tool are still those that were used. A file that nothing has touched since is
    /// taken to be the same unless digests are wanted.
    /// - Parameters:
    ///   - time: when the result was recorded, in nanoseconds since 1970.
    ///   - isSame: whether these digests of the files, in the order of the slides, are those that were used.
    /// - Returns: nil where no such files are known.
    func areForeign(
        _ slides: [SlideID],
        of study: TrainedStudy,
        at model: TrainingFolder,
        _ sources: PredictionSources = PredictionSources(),
        since time: @autoclosure () -> Int64,
        _ isSame: ([String]) throws -> Bool
    ) throws -> Bool? {
        var places = sources.features
        if study.config.features.path != nil {
            places += [try FeaturePaths.read(model.job).trainings[study.config.name]].compactMap(\.self)
        }
        var answer: Bool?
        for place in places {
            let known = try files(in: URL(filePath: place), of: study)
            let files = slides.compactMap { known[$0] }
            guard !files.isEmpty else { continue }
            let time = time()
            let isTouched =
                files.count < slides.count || files.contains { FileFacts($0.path).map { $0.changed >= time } ?? true }
            if case .size = scrutiny, !isTouched { return true }
            if try isSame(files.map(digest)) { return true }
            answer = false
        }
        return answer
    }

    private func files(in place: URL, of study: TrainedStudy) throws -> [SlideID: URL] {
        if let known = folders[place] { return known }
        let slides = study.slides.union(try SlidePaths.read(layout).ids)
        let files = try StorageError.ifGiven { try FeatureFolder(place) }?.matched(to: slides).all ?? [:]
        folders[place] = files
        return files
    }

    /// As `Features.digested` takes it: a file that cannot be read is like no other.
    private func digest(_ file: URL) throws -> String {
        if let known = digests[file] { return known }
        let digest = try TileStage.orUnreadable { try Digest.quick(fileAt: file) }
        digests[file] = digest
        return digest
    }
}
