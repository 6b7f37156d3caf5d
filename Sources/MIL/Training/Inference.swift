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
    private let folds: [Int: Voice]
    private let features: FeatureFileBags
    private let references: BelongingReferences
    /// By the places of the targets, of the folds whose risks have to be compared; empty where no survival is asked, and where
    /// one has no table to tell its own measure by.
    private let origins: [[Int: RiskOrigin]]

    /// Loads every fold that a slide asks for.
    /// - Throws: `MILError` for a checkpoint that cannot be used, or folds that do not belong together.
    public init(_ request: PredictRequest) throws {
        self.request = request
        device = Device(request.device)
        try NumericEngine.open(device)
        let training = TrainingFolder(at: URL(filePath: request.model, directoryHint: .isDirectory))
        var folds: [Int: Voice] = [:]
        for fold in Set(request.items.flatMap(\.folds)).sorted() {
            let folder = training.fold(fold).url
            folds[fold] = try Voice(Checkpoint(folder: folder), at: folder, explaining: request.explain ?? [], device)
        }
        let cards = folds.sorted { $0.key < $1.key }.map(\.value.card)
        if let first = cards.first, let other = cards.first(where: { !$0.belongs(with: first) }) {
            throw MILError.checkpoint(
                path: "\(request.model)/\(FoldName.text(other.fold))",
                reason: "its classes, features or encoder are not those of fold \(first.fold)"
            )
        }
        self.folds = folds
        references = try BelongingReferences(folds.mapValues(\.card), in: training)
        let further = (cards.first?.targets ?? []).dropFirst().map { (kind: $0.kind, name: Optional($0.name)) }
        origins = try ([(kind: cards.first?.kind ?? .class, name: nil)] + further).map { kind, name in
            guard kind == .survival else { return [:] }
            let own = try folds.keys.map { ($0, try RiskOrigin(of: training.fold($0), target: name)) }
            return own.contains { $0.1 == nil }
                ? [:] : Dictionary(uniqueKeysWithValues: own).compactMapValues { $0 }
        }
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
        // Of several targets those beside the first.
        var further: [[Answer]] = Array(repeating: [], count: max(0, (card.targets?.count ?? 0) - 1))
        var rows: [Row] = []
        for voice in voices {
            let output = try withoutGrad { try voice.model.mapped(voice.tensor(shown, on: device)) }
            let numbers =
                try finer == nil && voice.draws == nil
                ? output.logits.floats().map { Double($0) }
                : withoutGrad { try voice.draws.logits(voice.tensor(bag, on: device), by: voice.model) }
            let answers = try voice.card.answers(numbers, of: item.slide)
            // Alone it is as the model tells it.
            let told = answers.enumerated().map { place, answer in
                voices.count > 1 ? origins[place][voice.card.fold]?(answer) ?? answer : answer
            }
            byFold.append(told[0])
            for (place, answer) in told.dropFirst().enumerated() { further[place].append(answer) }
            // The rows of several folds stand one below the other: no branch of one is a branch of another. Of a bag of several
            // slides they are cut to this one's patches: all of them sum to 1 over the bag.
            let values = try output.rows().floats()
            guard values.allSatisfy(\.isFinite) else { throw MILError.overflow(slide: item.slide.text) }
            let own = output.names.enumerated().map { index, name in
                let row = values[index * shown.count..<(index + 1) * shown.count]
                // Beside finer patches the bag's own still share out 1: that is the softmax over the bag alone.
                let whole = output.kind == .score || finer == nil ? 1 : row.prefix(bag.count).reduce(0, +)
                return Row(
                    name: voices.count == 1 ? name : "\(FoldName.text(voice.card.fold)).\(name)",
                    values: row.dropFirst(patches.lowerBound).prefix(patches.count).map { $0 / whole },
                    kind: output.kind,
                    isMain: output.main.contains(index)
                )
            }
            rows += own
        }
        // Shares of a bag and scores have no common scale: where folds have models of both, the map is of those that attend.
        let kind = rows.contains { $0.kind == .attention } ? MapKind.attention : rows.first?.kind ?? .attention
        rows.removeAll { $0.kind != nil && $0.kind != kind }
        let mainRows = rows.indices.filter { rows[$0].isMain }
        var facts = file.facts
        if let side = item.sideLevel0, facts.onSlide.sideOrigin != .stated {
            (facts.onSlide.side, facts.onSlide.sideOrigin) = (side, .given)
        }
        guard let answer = Answer.mean(.ofFolds, of: byFold.alikeTold) else { return nil }
        let explained = try voices.flatMap { voice in
            try (finer == nil ? request.explain ?? [] : []).flatMap { explanation in
                try voice.explained(
                    bag,
                    bag.parts[place],
                    by: explanation,
                    called: answer.ofClass?.called ?? 0,
                    on: device
                )
                .map { row in
                    let name = explanation.row(row.output)
                    return (voices.count == 1 ? name : "\(FoldName.text(voice.card.fold)).\(name)", row)
                }
            }
        }
        rows += explained.map { Row(name: $0, values: $1.values) }
        var attributes = [
            "wsi_fingerprint": item.fingerprint, "wsi_encoder": card.encoder.name,
            "wsi_unit": (item.bag == nil ? Cohort.Unit.slide : .case).rawValue,
        ]
        let encoder = PatchFacts.Encoder(digest: card.encoder.digest, licence: card.encoder.licence)
        attributes.merge(encoder.attributes) { $1 }
        attributes.merge(
            try PredictionFile.attributes(explained: explained.map { ($0, bias: $1.bias, facts: $1.facts) })
        ) { $1 }
        if voices.count > 1, origins.first?.isEmpty == false {
            attributes[PredictedVoices.riskMeasureName] = PredictedVoices.riskMeasure
        }
        if voices.count > 1 { attributes.merge(try PredictionFile.attributes(folds: byFold)) { $1 } }
        if finer == nil { attributes.merge(try references.attributes(of: bag, folds: item.folds)) { $1 } }
        if let targets = card.targets {
            attributes.merge(try self.attributes(targets, further)) { $1 }
        }
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

    /// A row of numbers of the patches.
    private struct Row {
        var name: String
        var values: [Float]
        /// nil for an explanation.
        var kind: MapKind?
        /// Whether the map is made of it.
        var isMain = false
    }

    private func attributes(_ targets: [AskedTarget], _ further: [[Answer]]) throws -> [String: String] {
        let answers = zip(zip(targets, origins).dropFirst(), further).compactMap { asked, byFold in
            Answer.mean(.ofFolds, of: byFold.alikeTold).map { answer in
                let (target, origins) = asked
                let question = Question(name: target.name, kind: target.kind, classes: target.classes)
                var told = FurtherAnswer(question, answer: answer, folds: byFold.count > 1 ? byFold : nil)
                if byFold.count > 1, !origins.isEmpty { told.riskMeasure = PredictedVoices.riskMeasure }
                return told
            }
        }
        return try PredictionFile.attributes(target: targets.first?.name ?? "", further: answers)
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
            && targets?.map(\.question) == other.targets?.map(\.question)
    }

    /// What the numbers that the model gives for a bag say, of each target that is asked.
    fileprivate func answers(_ numbers: [Double], of slide: SlideID) throws -> [Answer] {
        guard let targets else { return [try readout.answer(numbers, of: slide, threshold: threshold)] }
        return try zip(targets, wholeReadout.columns).map { target, columns in
            try target.readout.answer(Array(numbers[columns]), of: slide, threshold: target.threshold)
        }
    }
}
