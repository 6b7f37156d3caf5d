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
    private var origins: [TrainingFolder: Result<Origin?, any Error>] = [:]
    private var places: [TrainingName: [Place]] = [:]
    private var sources: [TrainingName: PredictionSources] = [:]
    private var folders: [URL: [SlideID: URL]] = [:]
    private var digests: [URL: String] = [:]

    /// A training that predictions come from, with what has been found of it.
    final class Origin {
        let model: TrainingFolder
        let study: TrainedStudy
        /// The name of the encoder.
        let encoder: String
        /// Whether its features are another tool's.
        let isForeign: Bool
        /// The folds that may speak about a slide.
        fileprivate var voices: [SlideID: [Int]]?
        fileprivate var folds: [Int: Fold] = [:]
        private let bags: [SlideID: [SlideID]]?

        fileprivate init(_ model: TrainingFolder, _ study: TrainedStudy) {
            (self.model, self.study) = (model, study)
            (encoder, isForeign) = (study.encoder.name, study.config.features.path != nil)
            bags = study.cases.map { cases in
                let slides = cases.values.flatMap { bag in bag.map { ($0, bag) } }
                return Dictionary(slides, uniquingKeysWith: { first, _ in first })
            }
        }

        /// The slides that are one bag with this one; nil where bags are slides.
        func bag(of slide: SlideID) -> [SlideID]? { bags?[slide] }
    }

    /// Where a training may lie, and what is there.
    private final class Place {
        let model: TrainingFolder
        private let load: (TrainingFolder) throws -> Origin?
        /// Looked for when it is asked for: another training may lie on a share that does not answer.
        private(set) lazy var origin = Result { try load(model) }

        init(_ model: TrainingFolder, _ load: @escaping (TrainingFolder) throws -> Origin?) {
            (self.model, self.load) = (model, load)
        }
    }

    /// A fold's model as it is by now.
    fileprivate enum Fold {
        /// A damaged card makes no prediction older than it was; whoever reads it finds the damage.
        case damaged
        /// Empty where it is not there, or not whole.
        case version(String)
    }

    init(_ layout: JobLayout, _ scrutiny: Scrutiny) {
        self.layout = layout
        self.scrutiny = scrutiny
    }

    /// nil where a folder holds no training.
    func origin(_ model: TrainingFolder) throws -> Origin? {
        if let known = origins[model] { return try known.get() }
        let found = Result { try TrainedStudy.load(model).map { Origin(model, $0) } }
        origins[model] = found
        return try found.get()
    }

    func sources(_ name: TrainingName) throws -> PredictionSources {
        if let known = sources[name] { return known }
        let read = try PredictionSources.read(name, in: layout)
        sources[name] = read
        return read
    }

    /// The folder and the fold of a training's outcome; nil where the unit is none.
    func place(of outcome: OutcomeBrief) -> (model: TrainingFolder, fold: Int)? {
        outcome.unit.fold.map { fold, seed in (layout.training(outcome.stage.subject, seed: seed), fold) }
    }

    /// Which models of a prediction are others by now, or which folds speak about its slide.
    /// - Returns: also the training that it is told by; nil where none can be found, and then nothing is known to differ.
    func changes(
        of outcome: OutcomeBrief,
        _ name: TrainingName
    ) throws -> (origin: Origin?, changes: [String]) {
        var first: (origin: Origin?, changes: [String])?
        for place in try places(of: name) {
            guard let origin = try place.origin.get() else {
                // Under the training's name stands one with other seeds.
                let top = layout.training(name.study).url
                let isOwn = place.model.url.path.hasPrefix(layout.training.path + "/")
                if isOwn, try RegularFile.exists(top) { first = first ?? (nil, [Self.training]) }
                continue
            }
            let changes = try foldChanges(outcome, origin)
            if changes.isEmpty { return (origin, []) }
            first = first ?? (origin, changes)
        }
        return first ?? (nil, [])
    }

    private func places(of name: TrainingName) throws -> [Place] {
        if let known = places[name] { return known }
        let others = try sources(name).models.map { TrainingFolder(at: URL(filePath: $0)) }
        let found = ([layout.training(name)] + others).map { model in
            Place(model) { [unowned self] in try origin($0) }
        }
        places[name] = found
        return found
    }

    private func foldChanges(_ outcome: OutcomeBrief, _ origin: Origin) throws -> [String] {
        let recorded = Fingerprint.checkpoints(in: outcome.inputs)
        var wanted: [Int: String] = [:]
        for fold in folds(for: outcome.slide, origin) {
            switch try self.fold(fold, origin) {
            case .damaged: wanted[fold] = recorded[fold]
            case .version(let version): wanted[fold] = version
            }
        }
        if recorded == wanted { return [] }
        return Set(recorded.keys).union(wanted.keys).filter { recorded[$0] != wanted[$0] }.map(FoldName.text)
            .sorted()
    }

    private func fold(_ fold: Int, _ origin: Origin) throws -> Fold {
        if let known = origin.folds[fold] { return known }
        let model = origin.model
        let isDamaged = try StorageError.ifGiven { try origin.study.isDamaged(fold, at: model) } ?? false
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
    private func folds(for slide: SlideID, _ origin: Origin) -> [Int] {
        let splits = origin.study.splits
        if let known = origin.voices { return known[slide] ?? splits.map(\.fold) }
        var voices: [SlideID: [Int]] = [:]
        for split in splits {
            for slide in split.train + split.validation { voices[slide] = voices[slide] ?? [] }
            for slide in split.test { voices[slide, default: []].append(split.fold) }
        }
        origin.voices = voices
        return voices[slide] ?? splits.map(\.fold)
    }

    /// Whether these slides' features of another tool are still those that were used. A file that nothing has touched since is
    /// taken to be the same unless digests are wanted.
    /// - Parameters:
    ///   - time: when the result was recorded, in nanoseconds since 1970.
    ///   - isSame: whether these digests of the files, in the order of the slides, are those that were used.
    /// - Returns: nil where no such files are known.
    func areForeign(
        _ slides: [SlideID],
        of origin: Origin,
        _ sources: PredictionSources = PredictionSources(),
        since time: @autoclosure () -> Int64,
        _ isSame: ([String]) throws -> Bool
    ) throws -> Bool? {
        var places = sources.features
        if origin.isForeign {
            places += [try FeaturePaths.read(origin.model.job).trainings[origin.study.config.name]].compactMap(\.self)
        }
        var answer: Bool?
        for place in places {
            let known = try files(in: URL(filePath: place), of: origin.study)
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
