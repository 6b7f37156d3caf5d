import Config
import Evaluation
import Files
import Foundation
public import Messages
import Records
import Storage
import Torch

/// `wsi-compute predict`: slides through the models of a training; one prediction file per slide.
public struct Inference {
    private let request: PredictRequest
    private let device: Device
    private let folds: [Int: (card: CheckpointCard, model: any MILModel, standardiser: Standardiser?)]
    private let features: FeatureFileBags

    /// Loads every fold that a slide asks for.
    /// - Throws: `MILError` for a checkpoint that cannot be used, or folds that do not belong together.
    public init(_ request: PredictRequest) throws {
        self.request = request
        device = Device(request.device)
        try NumericEngine.open(device)
        let training = TrainingFolder(at: URL(filePath: request.model, directoryHint: .isDirectory))
        var folds: [Int: (card: CheckpointCard, model: any MILModel, standardiser: Standardiser?)] = [:]
        for fold in Set(request.items.flatMap(\.folds)).sorted() {
            let checkpoint = try Checkpoint(folder: training.fold(fold).url)
            folds[fold] = (checkpoint.card, try checkpoint.makeModel(on: device), checkpoint.standardiser)
        }
        let cards = folds.sorted { $0.key < $1.key }.map(\.value.card)
        if let first = cards.first, let other = cards.first(where: { !$0.belongs(with: first) }) {
            throw MILError.checkpoint(
                path: "\(request.model)/\(FoldName.text(other.fold))",
                reason: "its classes, features or encoder are not those of fold \(first.fold)"
            )
        }
        self.folds = folds
        let paths = Dictionary(
            request.items.flatMap { item in
                [(item.slide.text, item.features)] + (item.bag ?? []).map { ($0.slide.text, $0.features) }
            },
            uniquingKeysWith: { first, _ in first }
        )
        features = FeatureFileBags(
            paths,
            encoder: cards.first.flatMap { $0.facts.map(\.encoder.name) ?? $0.encoder.name }
        )
    }

    /// Predicts slide by slide; a slide whose features cannot be used is a failure of its own and stops no other.
    /// - Parameter ended: is told of each slide as soon as its file is published, or it is known that there will be none.
    public func run(ended: (SlideEnd) throws -> Void) throws {
        let output = URL(filePath: request.output, directoryHint: .isDirectory)
        for item in request.items { try ended(SlideEnd(item.slide, way(of: item, into: output))) }
    }

    private func way(of item: PredictRequest.Item, into output: URL) throws -> SlideEnd.Way {
        do {
            guard let file = try predict(item) else { return .empty }
            try file.write(to: output.appending(path: "\(item.slide.text).h5"))
            return .written
        } catch let error as any ReportableError where error.code.exitStatus != .temporary {
            return .failed(Failure(error.code, item.slide.text, error.message))
        }
    }

    /// nil for a slide without patches.
    private func predict(_ item: PredictRequest.Item) throws -> PredictionFile? {
        let slides = item.bag?.map(\.slide) ?? [item.slide]
        let files = try slides.map { try features.file($0) }
        let finer = try item.finer.map { try FeatureFile(contentsOf: URL(filePath: $0), slide: item.slide) }
        try FeatureFileBags.checkWidths(files + (finer.map { [$0] } ?? []), of: slides + [item.slide])
        let voices = item.folds.compactMap { folds[$0] }
        guard let card = voices.first?.card else {
            throw MILError.unusable(subject: item.slide.text, reason: "no fold is named for the slide; train first")
        }
        let bag = try features.bag(of: files, unit: item.slide.text, slides: slides).checked(width: card.featureWidth)
        guard let place = slides.firstIndex(of: item.slide), !bag.parts[place].rows.isEmpty else { return nil }
        var (file, shown, patches) = (files[place], bag, bag.parts[place].rows)
        if let finer {
            guard finer.count > 0 else { return nil }
            let joined = features.bag(of: files + [finer], unit: item.slide.text, slides: slides + [item.slide])
            (file, shown, patches) = (finer, try joined.checked(width: card.featureWidth), bag.count..<joined.count)
        }
        var byFold: [Answer] = []
        var rows: [(name: String, values: [Float])] = []
        var mainRows: [Int] = []
        var kind = MapKind.attention
        for voice in voices {
            func tensor(_ bag: Bag) throws -> Tensor {
                try bag.tensor(voice.standardiser, voice.card.training.precision, on: device)
            }
            let output = try withoutGrad { try voice.model.mapped(tensor(shown)) }
            let logits = try finer == nil ? output.logits : withoutGrad { try voice.model(tensor(bag)).logits }
            let numbers = try logits.floats().map { Double($0) }
            byFold.append(try voice.card.readout.answer(numbers, of: item.slide, threshold: voice.card.threshold))
            // The rows of several folds stand one below the other: no branch of one is a branch of another. Of a bag of several
            // slides they are cut to this one's patches: all of them sum to 1 over the bag.
            let values = try output.rows().floats()
            guard values.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: item.slide.text) }
            let own = output.names.enumerated().map { index, name in
                let row = values[index * shown.count..<(index + 1) * shown.count]
                // Beside finer patches the bag's own still share out 1: that is the softmax over the bag alone.
                let whole = output.kind == .score || finer == nil ? 1 : row.prefix(bag.count).reduce(0, +)
                return (
                    name: voices.count == 1 ? name : "\(FoldName.text(voice.card.fold)).\(name)",
                    values: row.dropFirst(patches.lowerBound).prefix(patches.count).map { $0 / whole }
                )
            }
            mainRows += output.main.map { rows.count + $0 }
            rows += own
            kind = output.kind
        }
        var facts = file.facts
        if let side = item.sideLevel0, facts.onSlide.sideOrigin != .stated {
            (facts.onSlide.side, facts.onSlide.sideOrigin) = (side, .given)
        }
        guard let answer = Answer.mean(.ofFolds, of: byFold.alikeTold) else { return nil }
        var attributes = [
            "wsi_fingerprint": item.fingerprint, "wsi_encoder": card.encoder.name,
            "wsi_unit": (item.bag == nil ? Cohort.Unit.slide : .case).rawValue,
        ]
        let encoder = PatchFacts.Encoder(digest: card.encoder.digest, licence: card.encoder.licence)
        attributes.merge(encoder.attributes) { $1 }
        if voices.count > 1 { attributes.merge(try PredictionFile.attributes(folds: byFold)) { $1 } }
        let prediction = Prediction(
            slide: item.slide,
            answer: answer,
            kind: kind,
            branchAttention: rows.map(\.values),
            rowNames: rows.map(\.name),
            mainRows: mainRows,
            attention: mean(mainRows.map { rows[$0].values }),
            corners: file.corners
        )
        return PredictionFile(
            prediction: prediction,
            classes: card.classes,
            model: card.name,
            folds: item.folds,
            grid: file.grid,
            sideLevel0: facts.onSlide.side,
            bagPatches: bag.count,
            facts: facts,
            accepted: item.accepted ?? [],
            attributes: attributes
        )
    }

    private func mean(_ rows: [[Float]]) -> [Float] {
        (0..<(rows.first?.count ?? 0)).map { column in
            Float(rows.reduce(0.0) { $0 + Double($1[column]) } / Double(rows.count))
        }
    }
}

extension CheckpointCard {
    /// Whether a bag that one model takes is one that the other takes, and their answers mean the same.
    fileprivate func belongs(with other: CheckpointCard) -> Bool {
        kind == other.kind && classes == other.classes && featureWidth == other.featureWidth && encoder == other.encoder
    }
}
