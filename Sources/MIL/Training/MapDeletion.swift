import Config
import Evaluation
import Files
import Foundation
public import Messages
import Records
import Storage
import Torch

/// `wsi-compute faithfulness`: what the models of a training say of slides while patches leave their bags.
///
/// A bag is the slide's patches as the models take them, whole also where a recipe answers by the mean of draws.
public struct MapDeletion {
    private struct Fold {
        let card: CheckpointCard
        let model: any MILModel
        /// Of the same kind, with random weights.
        let untrained: Voice
        let standardiser: Standardiser?
    }

    private let request: FaithfulnessRequest
    private let device: Device
    private let folds: [Int: Fold]
    private let features: FeatureFileBags

    /// Loads every fold that a slide asks for.
    /// - Throws: `MILError` for a checkpoint that cannot be used.
    public init(_ request: FaithfulnessRequest) throws {
        self.request = request
        device = Device(request.device)
        try NumericEngine.open(device)
        let training = TrainingFolder(at: URL(filePath: request.model, directoryHint: .isDirectory))
        var folds: [Int: Fold] = [:]
        for fold in Set(request.items.flatMap(\.folds)).sorted() {
            let checkpoint = try Checkpoint(folder: training.fold(fold).url)
            folds[fold] = Fold(
                card: checkpoint.card,
                model: try checkpoint.makeModel(on: device),
                untrained: try Voice(untrained: checkpoint, on: device),
                standardiser: checkpoint.standardiser
            )
        }
        self.folds = folds
        let card = folds.min { $0.key < $1.key }?.value.card
        features = FeatureFileBags(
            Dictionary(request.items.map { ($0.slide.text, $0.features) }, uniquingKeysWith: { first, _ in first }),
            encoder: card.flatMap { $0.facts.map(\.encoder.name) ?? $0.encoder.name }
        )
    }

    /// Slide by slide; one that cannot be used is a failure of its own and stops no other.
    /// - Parameter ended: is told of each slide as soon as it is measured.
    public func run(ended: (FaithfulnessEnd) throws -> Void) throws {
        for item in request.items { try ended(FaithfulnessEnd(item.slide, way(of: item))) }
    }

    private func way(of item: FaithfulnessRequest.Item) throws -> FaithfulnessEnd.Way {
        do { return .measured(try withoutGrad { try measured(item) }) } catch let error as any ReportableError
            where error.code.exitStatus != .temporary
        {
            return .failed(Failure(error.code, item.slide.text, error.message))
        }
    }

    private func measured(_ item: FaithfulnessRequest.Item) throws -> DeletionMeasurement {
        let file = try PredictionFile(contentsOf: URL(filePath: item.prediction))
        let bag = features.bag(of: [try features.file(item.slide)], unit: item.slide.text, slides: [item.slide])
        guard bag.count > 0, bag.count == file.prediction.attention.count else {
            throw BagError.bag(
                slide: item.slide.text,
                reason: "its prediction is of \(file.prediction.attention.count) patches and its features are of "
                    + "\(bag.count); predict it again with --redo"
            )
        }
        let asked = try item.folds.map { number in
            guard let fold = folds[number] else {
                throw MILError.unusable(subject: item.slide.text, reason: "no fold is named for the slide; train first")
            }
            return (number: number, fold: fold)
        }
        let called = file.prediction.answer.calledPlace
        let voices = try asked.map { number, fold in
            try DeletedVoice(fold.model, fold.card, number, bag, item, called: called) {
                try $0.tensor(fold.standardiser, fold.card.training.precision, on: device)
            }
        }
        let maps = Self.maps(file, voices)
        let isPooled = voices.allSatisfy { $0.pooled != nil }
        let measure = DeletionMeasure(
            item.slide,
            voices: voices.map(\.voice),
            effort: isPooled ? .whole : .sparse
        )
        let corners = file.prediction.corners
        let regions = isPooled && !corners.isEmpty ? PatchBlocks(of: bag.count, at: corners).blocks : []
        var told = DeletionMeasurement(
            patches: bag.count,
            score: voices.first.map { $0.card.readout.words(following: $0.voice.score, among: $0.card.classes) } ?? "",
            hasRunningSums: isPooled,
            byPatch: try measure.byPatch(maps),
            byRegion: regions.isEmpty ? nil : try measure.byRegion(maps, regions)
        )
        if let called {
            for (name, map) in maps {
                let patches = try measure.fewest(map) { outputs in
                    let answers = try zip(voices, outputs).map { try $0.answer($1) }
                    return Answer.mean(.ofFolds, of: answers)?.calledPlace == called
                }
                guard let patches else { continue }
                let listed = measure.descending(map).prefix(min(patches, DeletionMeasurement.Sufficient.listed))
                told.sufficient[name] = DeletionMeasurement.Sufficient(
                    patches: patches,
                    places: corners.isEmpty ? [] : listed.map { corners[$0] }
                )
            }
        }
        let random = try untrained(Set(maps.keys), zip(voices, asked).map { ($0, $1.fold.untrained) }, bag, called ?? 0)
        for (name, map) in maps { told.randomWeights[name] = random[name].flatMap { Metrics.rankCorrelation(map, $0) } }
        told.branches = try voices.flatMap { try $0.branches() }
        return told
    }

    /// The values of each map, by its name: what they tell of the score that is followed. One with a value that is no number is left out.
    private static func maps(_ file: PredictionFile, _ voices: [DeletedVoice]) -> [String: [Double]] {
        let prediction = file.prediction
        var maps = [SlideFaithfulness.mainMap: prediction.attention.map { Double($0) }]
        for (name, row) in zip(prediction.rowNames, prediction.branchAttention) {
            let parts = MapRow(name)
            guard let (explanation, output) = Explanation.named(parts.role) else { continue }
            for voice in voices where parts.models.isEmpty || parts.models == "\(FoldName.text(voice.number))." {
                voice.add(row[...], of: explanation, output, to: &maps[explanation.rawValue])
            }
        }
        return maps.filter { $0.value.allSatisfy(\.isFinite) }
    }

    /// The same maps of models with random weights.
    private func untrained(
        _ names: Set<String>,
        _ models: [(voice: DeletedVoice, random: Voice)],
        _ bag: Bag,
        _ called: Int
    ) throws -> [String: [Double]] {
        var maps: [String: [Double]] = [:]
        for (voice, random) in models {
            let output = try random.model(voice.features())
            let rows = try output.rows().floats()
            for row in output.main {
                let values = rows[row * bag.count..<(row + 1) * bag.count]
                let told = maps[SlideFaithfulness.mainMap] ?? [Double](repeating: 0, count: bag.count)
                maps[SlideFaithfulness.mainMap] = zip(told, values).map { $0 + Double($1) }
            }
            for explanation in Explanation.allCases where names.contains(explanation.rawValue) {
                // Of an older checkpoint there is no mean patch to begin with.
                guard explanation != .ig || random.knowsMeanPatch else { continue }
                for row in try random.explained(bag, bag.parts[0], by: explanation, called: called, on: device) {
                    voice.add(row.values[...], of: explanation, row.output, to: &maps[explanation.rawValue])
                }
            }
        }
        return maps.filter { $0.value.allSatisfy(\.isFinite) }
    }
}

/// One model beside the bag that patches leave.
private struct DeletedVoice {
    let card: CheckpointCard
    let number: Int
    /// nil where the model has to be run on what is left.
    let pooled: RunningSums?
    let voice: DeletionMeasure.Voice
    let features: () throws -> Tensor
    private let slide: SlideID

    init(
        _ model: any MILModel,
        _ card: CheckpointCard,
        _ number: Int,
        _ bag: Bag,
        _ item: FaithfulnessRequest.Item,
        called: Int?,
        _ tensor: @escaping (Bag) throws -> Tensor
    ) throws {
        (self.card, self.number, slide) = (card, number, item.slide)
        let checked = try bag.checked(width: card.featureWidth)
        features = { try tensor(checked) }
        let whole = try tensor(checked)
        pooled = try (model as? any WeighedPooling)?.runningSums(whole)
        let scored: any ScoredBag = pooled ?? PassedBag(model: model, features: whole)
        let outputs = Array(try scored.outputs(keeping: Array(0..<bag.count)).prefix(card.readout.outputs))
        guard outputs.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: slide.text) }
        let score = card.readout.followed(outputs, called: called, isBelow: item.isBelow)
        voice = DeletionMeasure.Voice(bag: scored, score: score)
    }

    func answer(_ outputs: [Double]) throws -> Answer {
        try card.readout.answer(outputs, of: slide, threshold: card.threshold)
    }

    /// Adds what an explanation's row of an output tells of the score: one of outputs as much as the score is made of that, one of the
    /// explained number itself all, or what it is turned round.
    func add(_ row: ArraySlice<Float>, of explanation: Explanation, _ output: Int, to map: inout [Double]?) {
        let weights = voice.score.weights
        // Of several targets the first one's outputs stand in front.
        guard weights.indices.contains(output) else { return }
        var slope = weights[output]
        if !explanation.isOfOutputs { slope = output == voice.score.output ? (slope < 0 ? -1 : 1) : 0 }
        let told = map ?? [Double](repeating: 0, count: row.count)
        map = zip(told, row).map { $0 + slope * Double($1) }
    }

    /// The model whole, and without each of the branches that it averages; empty for a model without.
    func branches() throws -> [DeletionMeasurement.Masked] {
        guard let pooled, pooled.averaged > 1 else { return [] }
        return try ([nil] + (0..<pooled.averaged).map { Optional($0) }).map { branch in
            let bag = branch.map(pooled.masking) ?? pooled
            let measure = DeletionMeasure(
                slide,
                voices: [DeletionMeasure.Voice(bag: bag, score: voice.score)],
                effort: DeletionMeasure.Effort(steps: DeletionMeasure.Effort.whole.steps, orders: 0)
            )
            let name = SlideFaithfulness.mainMap
            let outputs = Array(bag.outputs(keeping: Array(0..<bag.count)).prefix(voice.outputs))
            return DeletionMeasurement.Masked(
                fold: number,
                branch: branch,
                probabilities: try answer(outputs).ofClass?.probabilities,
                gain: try measure.byPatch([name: bag.map]).maps[name]?.gain ?? 0
            )
        }
    }
}

/// The bag of a model that has to be run anew on what is left, in the bag's own order.
private struct PassedBag: ScoredBag {
    let model: any MILModel
    let features: Tensor

    var count: Int { features.shape[0] }

    func outputs(keeping patches: [Int]) throws -> [Double] {
        let isWhole = patches.count == count
        let kept = try isWhole ? features : features.indexSelect(dim: 0, patches.sorted())
        return try model(kept).logits.floats().map { Double($0) }
    }
}

extension Answer {
    /// The class or grade that is called; nil where none is.
    fileprivate var calledPlace: Int? {
        switch self {
        case .class(let answer): answer.called
        case .ordinal(let answer): answer.called
        case .labels, .number, .survival: nil
        }
    }
}
