import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import Imaging
@testable import MIL
@testable import Messages

/// The synthetic problem as feature files of our own, on a grid of 16 × 6 patches of 100 level-0 pixels.
struct StoredProblem {
    let problem: Problem
    let scratch: Scratch
    var features: [String: String] = [:]

    init() throws {
        problem = try Problem()
        scratch = try Scratch()
        for (slide, bag) in problem.bags.bags { features[slide.text] = try Self.write(bag, slide, scratch.folder) }
    }

    static func write(_ bag: Bag, _ slide: SlideID, _ folder: URL, encoder: String = "made") throws -> String {
        let url = folder.appending(path: "features/\(slide.text).h5")
        let geometry = PatchGeometry(
            patchSize: 100,
            overlap: 0,
            targetMPP: 0.5,
            mpp: 0.5,
            sideLevel0: 100,
            stepLevel0: 100,
            level: 0,
            levelDownsample: 1,
            sideAtLevel: 100
        )
        let grid = PatchGrid(
            slide: slide,
            geometry: geometry,
            scale: SlideScale(mpp: 0.5, source: .option),
            slideSize: PixelSize(width: 2000, height: 1000),
            bounds: PixelRect(x: 50, y: 0, width: 1900, height: 1000),
            corners: (0..<bag.count).map { PixelPoint(x: $0 % 16 * 100, y: $0 / 16 * 100) }
        )
        let writer = try FeatureWriter(to: url, grid: grid, width: 8, encoder: encoder, attributes: [:])
        try writer.append(bag.features)
        _ = try writer.finish()
        return url.path
    }

    func train(_ folds: Range<Int>) throws {
        for fold in folds {
            var request = problem.request(fold, in: scratch.folder)
            request.features = features
            _ = try FoldTraining(request, bags: FeatureFileBags(features, encoder: "made")).run { _ in }
        }
    }

    func request(_ folds: (SlideID) -> [Int]) -> PredictRequest {
        let items = problem.cohort.slides.map {
            PredictRequest.Item(
                slide: $0.slide,
                features: features[$0.slide.text] ?? "",
                folds: folds($0.slide),
                fingerprint: "f"
            )
        }
        let output = scratch.file("predictions").path
        return PredictRequest(model: scratch.folder.path, items: items, output: output, device: .cpu)
    }

    func prediction(_ slide: SlideID) throws -> PredictionFile {
        try PredictionFile(contentsOf: scratch.file("predictions/\(slide.text).h5"))
    }
}

@Suite struct CaseBagTests {
    @Test func rowsOfACaseStandInTheOrderOfItsSlides() throws {
        let scratch = try Scratch()
        func write(_ name: String, _ rows: Int, width: Int = 8, from start: Float = 0) throws -> String {
            let slide = try SlideID(name)
            let values = (0..<(rows * width)).map { start + Float($0) }
            let bag = Bag(unit: name, parts: [], width: width, features: values)
            guard width == 8 else {
                let url = scratch.file("\(name).safetensors")
                try SafeTensors(tensors: ["features": StoredTensor(shape: [rows, width], floats: values)]).write(
                    to: url
                )
                return url.path
            }
            return try StoredProblem.write(bag, slide, scratch.folder)
        }
        let paths = [
            "a": try write("a", 2), "b": try write("b", 3, from: 100), "n": try write("n", 0),
            "w": try write("w", 1, width: 4),
        ]
        func bags(_ slides: [String]) throws -> FeatureFileBags {
            FeatureFileBags(paths, parts: ["p": try slides.map { try SlideID($0) }], encoder: "made")
        }
        let unit = try SlideID("p")
        let bag = try bags(["b", "n", "a"]).bag(unit)
        #expect((bag.unit, bag.count, bag.width) == ("p", 5, 8))
        #expect(bag.parts.map(\.slide.text) == ["b", "n", "a"])
        #expect(bag.parts.map(\.rows) == [0..<3, 3..<3, 3..<5])
        #expect(bag.parts.map(\.corners.count) == [3, 0, 2])
        #expect((bag.features[0], bag.features[24]) == (100, 0))
        let clash = try #require(throws: BagError.self) { try bags(["a", "w"]).bag(unit) }
        #expect(clash == .bag(slide: "w", reason: "features are 4 wide, those of another slide of its case 8"))
    }
}

@Suite struct InferenceTests {
    @Test func aSlidesPredictionIsThatOfItsFoldsTable() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        var ends: [SlideEnd] = []
        try Inference(stored.request { _ in [0] }).run { end in
            ends.append(end)
            // Who is told of a slide finds its file.
            let classes = try stored.prediction(end.slide).classes
            #expect(classes == stored.problem.cohort.classes)
        }
        #expect(ends == stored.problem.cohort.slides.map { SlideEnd($0.slide, .written) })
        let classes = stored.problem.cohort.classes
        let card = try Checkpoint(folder: stored.scratch.file("fold_0")).card
        for row in try FoldPredictions(folder: stored.scratch.file("fold_0"), classes: classes).rows {
            let file = try stored.prediction(row.slide)
            #expect(file.prediction.answer.ofClass?.probabilities == row.judged.ofClass?.probabilities)
            #expect(file.prediction.answer.threshold == card.threshold && file.classes == classes && file.folds == [0])
            #expect(file.attributes["wsi_fingerprint"] == "f" && file.sideLevel0 == 100)
            #expect(file.prediction.branchAttention.count == 5 && file.prediction.corners.count == 96)
            for branch in file.prediction.branchAttention + [file.prediction.attention] {
                #expect(abs(branch.reduce(0, +) - 1) < 1e-5)
            }
        }
    }

    @Test func theSlidesOfACaseAreOneBagWhoseAttentionIsSharedOut() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        var request = stored.request { _ in [0] }
        let pair = Array(request.items.prefix(2))
        let parts = pair.map { PredictRequest.Part(slide: $0.slide, features: $0.features) }
        request.items = pair
        try Inference(request).run { _ in }
        let alone = try pair.map { try stored.prediction($0.slide) }
        for place in request.items.indices { request.items[place].bag = parts }
        try Inference(request).run { _ in }
        let joined = try pair.map { try stored.prediction($0.slide) }
        #expect(
            joined[0].prediction.answer.ofClass?.probabilities == joined[1].prediction.answer.ofClass?.probabilities
        )
        #expect(joined[0].prediction.answer.ofClass?.probabilities != alone[0].prediction.answer.ofClass?.probabilities)
        #expect(joined.map(\.attributes["wsi_unit"]) == ["case", "case"])
        #expect(alone.map(\.attributes["wsi_unit"]) == ["slide", "slide"])
        #expect(joined.map(\.bagPatches) == [192, 192] && alone.map(\.bagPatches) == [96, 96])
        let sums = joined.map { $0.prediction.attention.reduce(0, +) }
        #expect(abs(sums[0] + sums[1] - 1) < 1e-5 && sums.allSatisfy { $0 < 0.999 })
        // Within a slide the same patches stand out, in the same ratio of their raw scores.
        for (one, other) in zip(joined, alone) {
            #expect(one.prediction.corners == other.prediction.corners)
            let best = other.prediction.attention.indices.max {
                other.prediction.attention[$0] < other.prediction.attention[$1]
            }
            #expect(
                best
                    == one.prediction.attention.indices.max {
                        one.prediction.attention[$0] < one.prediction.attention[$1]
                    }
            )
        }
    }

    /// The slide's own patches as finer ones: their scores are the same, and so must be their shares of the slide.
    @Test func finerPatchesGetTheirSharesOfTheSlidesOwnBag() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        var request = stored.request { _ in [0] }
        request.items = Array(request.items.prefix(1))
        let slide = request.items[0].slide
        try Inference(request).run { _ in }
        let usual = try stored.prediction(slide)
        #expect(usual.bagPatches == 96)
        let bag = try stored.problem.bags.bag(slide)
        let some = Bag(unit: "some", parts: [], width: 8, features: Array(bag.features.prefix(10 * 8)))
        let finer = stored.scratch.file("finer")
        request.items[0].finer = try StoredProblem.write(some, slide, finer)
        try Inference(request).run { _ in }
        let close = try stored.prediction(slide)
        #expect(close.prediction.answer.ofClass?.probabilities == usual.prediction.answer.ofClass?.probabilities)
        #expect(close.prediction.corners == Array(usual.prediction.corners.prefix(10)) && close.bagPatches == 96)
        #expect(close.prediction.rowNames == usual.prediction.rowNames)
        for (row, wanted) in zip(close.prediction.branchAttention, usual.prediction.branchAttention) {
            #expect(agree(row, Array(wanted.prefix(10)), 1e-6))
        }
    }

    @Test func severalFoldsAreAveraged() throws {
        let stored = try StoredProblem()
        try stored.train(0..<2)
        let slide = stored.problem.cohort.slides[0].slide
        func predicted(_ folds: [Int]) throws -> Prediction {
            var request = stored.request { _ in folds }
            request.items = Array(request.items.prefix(1))
            try Inference(request).run { _ in }
            return try stored.prediction(slide).prediction
        }
        let (first, second, both) = (try predicted([0]), try predicted([1]), try predicted([0, 1]))
        #expect(both.branchAttention == first.branchAttention + second.branchAttention)
        #expect(first.rowNames == (0..<5).map { "branch_\($0)" })
        #expect(first.mainRows == Array(0..<5) && both.mainRows == Array(0..<10))
        #expect(both.rowNames == [0, 1].flatMap { fold in (0..<5).map { "fold_\(fold).branch_\($0)" } })
        #expect(both.kind == .attention)
        let answers = try [first, second, both].map { try #require($0.answer.ofClass) }
        let mean = (answers[0].probabilities[1] + answers[1].probabilities[1]) / 2
        #expect(abs(answers[2].probabilities[1] - mean) < 1e-15)
        if let one = answers[0].threshold, let other = answers[1].threshold {
            #expect(answers[2].threshold == (one + other) / 2)
        }
    }

    @Test func aSlideThatCannotBeReadOrIsEmptyStopsNoOther() throws {
        var stored = try StoredProblem()
        try stored.train(0..<1)
        let slides = stored.problem.cohort.slides.map(\.slide)
        try Data("no HDF5".utf8).write(to: URL(filePath: stored.features[slides[0].text] ?? ""))
        let nothing = Bag(unit: "x", parts: [], width: 8, features: [])
        stored.features[slides[1].text] = try StoredProblem.write(nothing, slides[1], stored.scratch.folder)
        let foreign = try stored.problem.bags.bag(slides[2])
        stored.features[slides[2].text] = try StoredProblem.write(
            foreign,
            slides[2],
            stored.scratch.folder,
            encoder: "other"
        )
        var ends: [SlideEnd] = []
        try Inference(stored.request { _ in [0] }).run { ends.append($0) }
        #expect(ends.map(\.slide) == slides)
        guard case .failed(let unreadable) = ends[0].way, case .failed(let other) = ends[2].way else {
            Issue.record("two slides cannot be used")
            return
        }
        #expect([unreadable.subject, other.subject] == [slides[0].text, slides[2].text])
        #expect(other.message == "features are of other; those of made are wanted")
        #expect(ends[1].way == .empty)
        #expect(ends.dropFirst(3).allSatisfy { $0.way == .written })
    }

    @Test func attentionFindsTheShiftedPatchesAndTheReportSaysSo() throws {
        let stored = try StoredProblem()
        try stored.train(0..<3)
        let foldOf = Dictionary(
            uniqueKeysWithValues: stored.problem.splits.flatMap { split in
                split.test.map { ($0, split.fold) }
            }
        )
        try Inference(stored.request { foldOf[$0].map { [$0] } ?? [] }).run { _ in }
        // The first 16 patches of a positive slide are shifted: one row, drawn relative to the bounds at x = 50.
        let polygon = PlanePolygon(
            outer: [
                PlanePoint(x: -50, y: 0), PlanePoint(x: 1550, y: 0), PlanePoint(x: 1550, y: 100),
                PlanePoint(x: -50, y: 100),
            ]
        )
        var maps = AnnotatedMaps()
        for slide in stored.problem.cohort.slides {
            let url = stored.scratch.file("\(slide.slide.text).geojson")
            let features = slide.target == .class(1) ? [GeoJSON.Feature(polygons: [polygon])] : []
            try GeoJSON(features: features, origin: .bounds).write(to: url)
            maps.annotations[slide.slide] = url
            maps.predictions[slide.slide] = stored.scratch.file("predictions/\(slide.slide.text).h5")
        }
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 100
        let trained = try TrainingEvaluation(
            model: stored.scratch.folder,
            folds: [0, 1, 2],
            evaluation: evaluation,
            seed: 0
        )
        let features = try stored.features.map { (try SlideID($0.key), URL(filePath: $0.value)) }
        let report = try trained.report(
            maps: maps,
            controls: ShortcutNumbers(groups: [:], features: Dictionary(uniqueKeysWithValues: features))
        )
        let positives = stored.problem.cohort.slides.count { $0.target == .class(1) }
        #expect(report.patches?.bySlide.count == positives && report.patches?.unranked.isEmpty == true)
        #expect((report.patches?.auc.value ?? 0) > 0.85)
        // The shifted instances move the mean, so the control sees this problem too.
        #expect(report.controlAUC == report.controls["mean_features"] ?? nil)
        #expect((report.controlAUC ?? 0) > 0.6)
    }
}
