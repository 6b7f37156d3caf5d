import Foundation
import Records
import Sample
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// The worker's side of heatmaps and reports, on a small slide with a prediction of four patches.
@Suite struct HeatmapTaskTests {
    private let scratch: Scratch
    private let slide: URL
    private let id: SlideID
    private var layout: JobLayout { JobLayout(root: scratch.file("job")) }

    init() throws {
        (scratch, id) = (try Scratch(), try SlideID("made"))
        slide = scratch.file("made.svs")
        let size = PixelSize(width: 900, height: 700)
        let bytes = (0..<(size.width * size.height)).flatMap { at -> [UInt8] in
            (at % size.width / 8 + at / size.width / 8) % 2 == 0 ? [110, 60, 130] : [225, 140, 185]
        }
        try PyramidWriter.write(
            try PixelArray(size: size, bytes: bytes),
            to: slide,
            options: PyramidOptions(quality: 90, colour: .yCbCr444, description: .aperio(mpp: 0.5, magnification: 20))
        )
    }

    private func predict(
        _ name: TrainingName = TrainingName("m"),
        attention: [Float] = [0.4, 0.3, 0.2, 0.1],
        corners: [PixelPoint] = [(0, 0), (256, 0), (0, 256), (256, 256)].map { PixelPoint(x: $0.0, y: $0.1) }
    ) throws {
        let file = PredictionFile(
            prediction: Prediction(
                slide: id,
                answer: .class(ClassAnswer([0.25, 0.75], threshold: 0.5)),
                branchAttention: [attention],
                attention: attention,
                corners: corners
            ),
            classes: ["normal", "tumour"],
            model: name.text,
            folds: [0],
            grid: nil,
            sideLevel0: 256,
            attributes: [:]
        )
        try file.write(to: layout.prediction(of: name, id))
    }

    private func task(
        _ output: HeatmapConfig.Output,
        models: [TrainingName] = [TrainingName("m")],
        _ change: (inout HeatmapConfig) -> Void = { _ in },
        digest: String = ""
    ) -> HeatmapTask {
        var heatmap = HeatmapConfig()
        heatmap.side = 300
        change(&heatmap)
        var fingerprint = Fingerprint(stage: "heatmap", parameters: [:], inputs: [:])
        fingerprint[.slide] = digest
        return HeatmapTask(
            slide: id,
            name: "m-dune",
            output: output,
            slidePath: slide.path,
            models: models,
            drawsRegions: false,
            job: layout.root,
            heatmap: heatmap,
            fingerprint: fingerprint
        )
    }

    private func outcome(of task: HeatmapTask) throws -> Outcome {
        var times = WorkTimes()
        return try task.outcome(times: &times)
    }

    @Test(arguments: [
        (HeatmapConfig.Output.sheet, ["heatmaps/m-dune/made.csv", "heatmaps/m-dune/made.png"]),
        (.panel, ["heatmaps/m-dune/made.panel.png"]), (.geojson, ["heatmaps/m-dune/made.geojson"]),
        (.values, ["heatmaps/m-dune/made.h5"]), (.overlay, ["heatmaps/m-dune/made.overlay.tif"]),
        (.report, ["reports/m-dune/made.html"]),
    ])
    func anOutputLiesUnderThePicturesNameAndIsOnRecord(output: HeatmapConfig.Output, files: [String]) throws {
        try predict()
        let outcome = try outcome(of: task(output))
        #expect(outcome.status == .ok, "\(String(describing: outcome.failure))")
        #expect(outcome.outputs.keys.sorted() == files)
        #expect(try outcome.damage(in: layout) == nil)
        #expect(outcome.stage == output.stage(pictures: "m-dune") && outcome[.patches] == 4)
        #expect(outcome.unexamined == nil, "nothing is known of its tissue")
    }

    @Test func theValuesAreInTheTableOfTheSheet() throws {
        try predict()
        _ = try outcome(of: task(.sheet))
        let table = try Table(made: layout.heatmaps("m-dune").appending(path: "made.csv"))
        #expect(table.rows.count == 4)
    }

    @Test func severalSeedsAreDrawnAsTheirMean() throws {
        let seeds = [UInt64(1), 2].map { TrainingName("m", seed: $0) }
        try predict(seeds[0], attention: [0.4, 0.3, 0.2, 0.1])
        try predict(seeds[1], attention: [0.2, 0.3, 0.2, 0.3])
        let task = task(.report, models: seeds)
        #expect(task.predictions.map(\.path) == seeds.map { layout.prediction(of: $0, id).path })
        let outcome = try outcome(of: task)
        #expect(outcome.status == .ok, "\(String(describing: outcome.failure))")
        let page = try String(contentsOf: layout.reports("m-dune").appending(path: "made.html"), encoding: .utf8)
        #expect(page.contains("2 seeds"))
    }

    @Test func anotherSlideInItsPlaceIsRefused() throws {
        try predict()
        let failure = try outcome(of: task(.sheet, digest: String(repeating: "0", count: 64))).failure
        #expect(failure?.code == .mismatch)
        #expect(failure?.message.hasPrefix("its file is another than the one that was tiled") == true)
        let own = try SlideDigest.quick(slide.path)
        #expect(try outcome(of: task(.sheet, digest: own)).status == .ok)
    }

    @Test func patchesBesideTheSlideAreRefused() throws {
        try predict(corners: [(0, 0), (256, 0), (0, 256), (5120, 256)].map { PixelPoint(x: $0.0, y: $0.1) })
        let outcome = try outcome(of: task(.panel))
        #expect(outcome.status == .failed && outcome.failure?.code == .mismatch && outcome.outputs.isEmpty)
    }

    @Test func aPictureByMicronsNeedsTheSlidesScale() throws {
        try predict()
        let failure = try outcome(of: task(.sheet, { $0.mpp = 2 })).failure
        #expect(failure?.code == .mppMissing)
    }

    @Test func aMissingPredictionFailsItsSlideAlone() throws {
        let outcome = try outcome(of: task(.values))
        #expect(outcome.status == .failed && outcome.failure?.subject == "made")
    }

    @Test func finerMapsAreDrawnPartByPart() throws {
        var task = task(.sheet)
        #expect(task.regions == nil)
        task.drawsRegions = true
        #expect(task.regions?.path == layout.root.path + "/regions/made.geojson")
        try predict()
        let ring = "[[0,0],[256,0],[256,256],[0,256],[0,0]]"
        try scratch.add(
            "job/regions/made.geojson",
            #"{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": "#
                + #"{"type": "Polygon", "coordinates": [\#(ring)]}}]}"#
        )
        let outcome = try outcome(of: task)
        #expect(outcome.status == .ok, "\(String(describing: outcome.failure))")
        #expect(outcome.outputs.keys.sorted() == ["heatmaps/m-dune/made.csv", "heatmaps/m-dune/made.region_1.png"])
    }
}
