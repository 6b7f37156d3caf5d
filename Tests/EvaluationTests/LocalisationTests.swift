import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Imaging

@Suite struct LocalisationTests {
    private func square(_ x: Double, _ y: Double, _ side: Double) -> PlanePolygon {
        PlanePolygon(
            outer: [
                PlanePoint(x: x, y: y), PlanePoint(x: x + side, y: y), PlanePoint(x: x + side, y: y + side),
                PlanePoint(x: x, y: y + side),
            ]
        )
    }

    /// A slide of 8 × 1 patches of 256 level-0 pixels at 0.5 µm.
    private func slide(
        _ name: String,
        _ relative: [Double],
        _ regions: [PlanePolygon],
        probability: Double = 1,
        mpp: Double? = 0.5
    ) throws -> MappedSlide {
        MappedSlide(
            slide: try SlideID(name),
            judged: JudgedClass(
                caseID: name,
                label: regions.isEmpty ? 0 : 1,
                probabilities: [1 - probability, probability],
                decision: 1
            ),
            relative: relative,
            corners: relative.indices.map { PixelPoint(x: $0 * 256, y: 0) },
            side: 256,
            size: PixelSize(width: 2048, height: 256),
            mpp: mpp,
            drawn: AnnotatedRegions(regions: regions)
        )
    }

    private var bootstrap: Bootstrap {
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 50
        return Bootstrap(evaluation, seed: 1)
    }

    @Test func meansAreOverSlidesAndPoolsOverPatches() throws {
        let report = Localisation(
            [
                try slide("a", [1.6, 1.2, 0.8, 0.4], [square(0, 0, 256)]),
                try slide("b", [0.4, 1.6], [square(0, 0, 256)]), try slide("c", [1, 1], [square(3000, 3000, 9)]),
                try slide("d", [5, 5], []),
            ],
            from: 1,
            bootstrap
        )
        #expect(report.bySlide["a"]?.auc == 1 && report.bySlide["b"]?.auc == 0)
        #expect(report.auc.value == 0.5)
        // Of the 16 pairs of an inside and an outside patch: 1.6 beats all but its equal, 0.4 beats none and equals one.
        #expect(report.pooledAUC == (3.0 + 0.5 + 2 + 0.5) / 12)
        #expect(report.unranked == ["c"])
        #expect(report.bySlide["d"] == nil)
        #expect(report.averagePrecision.value == 0.75)
    }

    @Test func diceIsOfAreasNotOfPatches() throws {
        // Half of the first patch is annotated; the map reaches 1 on the first two.
        let half = PlanePolygon(
            outer: [.init(x: 0, y: 0), .init(x: 128, y: 0), .init(x: 128, y: 256), .init(x: 0, y: 256)]
        )
        let report = Localisation([try slide("a", [1, 1, 0.5, 0.5], [half])], from: 1, bootstrap)
        #expect(report.dice.value == 0.4)
        #expect(report.pooledDice == 0.4)
    }

    @Test func wherePatchesOverlapTheMeanDecides() throws {
        var overlapping = try slide("a", [2, 0.5], [square(0, 0, 256)])
        overlapping.corners[1].x = 128
        // Mean 1.25 where both lie: cells 0 to 256 are reached, 256 to 384 not.
        #expect(overlapping.overlap(from: 1) == .init(both: 256, drawn: 256, reached: 256))
        #expect(overlapping.overlap(from: 1.3) == .init(both: 128, drawn: 256, reached: 128))
    }

    @Test func holesAndExclusionsAreNoPartOfARegion() throws {
        var drawn = AnnotatedRegions(
            regions: [
                PlanePolygon(outer: square(0, 0, 160).outer, holes: [square(32, 32, 32).outer]), square(1e9, 1e9, 5),
            ],
            exclusions: [square(96, 96, 32)]
        )
        drawn.origin = .slide
        let raster = RegionRaster(drawn, size: PixelSize(width: 200, height: 170), mpp: 0.5, patchSide: 256)
        #expect(raster.cell == 16 && raster.image.width == 13 && raster.image.height == 11)
        #expect(raster.image.count == 100 - 4 - 4)
        for y in 0..<11 {
            for x in 0..<13 {
                let centre = PlanePoint(x: Double(x) * 16 + 8, y: Double(y) * 16 + 8)
                #expect((raster.image[x, y] == 1) == drawn.contains(centre))
            }
        }
    }

    @Test func lesionsCloserThan75MicrometresAreOneAndShortOnesDoNotCount() throws {
        // At 0.5 µm and cells of 16: 800 pixels are 400 µm; the second begins 64 µm after the first, the third is 100 µm.
        let drawn = AnnotatedRegions(
            regions: [square(0, 0, 800), square(928, 0, 800), square(4000, 0, 200), square(6000, 0, 800)]
        )
        let size = PixelSize(width: 8000, height: 2000)
        let lesions = Lesions(RegionRaster(drawn, size: size, mpp: 0.5, patchSide: 256), mpp: 0.5)
        #expect(lesions.isIsolated == [false, true, false])
        #expect(lesions.lesion(at: PlanePoint(x: 100, y: 100)) == lesions.lesion(at: PlanePoint(x: 1000, y: 100)))
        #expect(lesions.lesion(at: PlanePoint(x: 850, y: 400)) == 0)
        #expect(lesions.lesion(at: PlanePoint(x: 3000, y: 100)) == nil)
        #expect(lesions.lesion(at: PlanePoint(x: 9000, y: 100)) == nil)
    }

    @Test func theMapsPeaksDoNotTouchEachOther() {
        let corners = (0..<4).flatMap { y in (0..<4).map { PixelPoint(x: $0 * 100, y: y * 100) } }
        var values = [Double](repeating: 0.1, count: 16)
        values[5] = 3
        values[6] = 2
        values[3] = 1
        values[15] = 0
        let peaks = MapPeaks(values, corners: corners, side: 100).peaks
        // 5 silences its neighbours 6 and 10; 3, 11 and 12 stand far enough away, 13 and 14 beside those; 15 is no peak at 0.
        #expect(peaks.map(\.value) == [3, 1, 0.1, 0.1])
        #expect(peaks[0].centre == PlanePoint(x: 150, y: 150))
    }

    @Test func theFROCScoreIsTheMeanSensitivityAtSixRates() throws {
        func found(_ name: String, _ lesions: [Double], _ alarms: [Double]) -> FROC.Slide {
            FROC.Slide(
                judged: JudgedClass(caseID: name, label: 1, probabilities: [0, 1], decision: 1),
                lesions: lesions,
                falsePositives: alarms,
                isolated: 0
            )
        }
        // Two slides, three lesions. From the top: lesion .9, false .8, lesion .7, false .6 and .5, lesion never.
        let froc = try #require(FROC([found("a", [0.9, 0], [0.8]), found("b", [0.7], [0.6, 0.5])], bootstrap))
        #expect(froc.sensitivities.map(\.falsePositives) == [0.25, 0.5, 1, 2, 4, 8])
        let thirds = froc.sensitivities.map { Int(($0.sensitivity * 3).rounded()) }
        #expect(thirds == [1, 2, 2, 2, 2, 2])
        #expect(abs(try #require(froc.score.value) - 11.0 / 18) < 1e-12)
        #expect(froc.lesions == 3 && froc.slides == 2)
        #expect(FROC([found("a", [], [0.8])], bootstrap) == nil)
    }

    @Test func aConfidentSlideWithoutALesionCostsMoreThanADoubtfulOne() throws {
        let lesion = square(0, 0, 256 * 3)
        func score(_ probability: Double) throws -> Double {
            let healthy = try slide("n", [3, 0, 0, 3, 0, 0, 3, 0], [], probability: probability)
            let ill = try slide("t", [4, 0, 0, 1, 0, 0, 0, 0], [lesion], probability: 0.8)
            let report = Localisation([ill, healthy], from: 1, bootstrap)
            return try #require(report.froc?.score.value)
        }
        #expect(try score(0.1) == 1)
        #expect(try score(0.9) < 0.75)
    }

    @Test func withoutMicronsThereIsNoFROCAndTheReasonIsSaid() throws {
        let report = Localisation([try slide("a", [2, 0], [square(0, 0, 256)], mpp: nil)], from: 1, bootstrap)
        #expect(report.froc == nil && report.frocReason?.contains("a has no µm per pixel") == true)
        #expect(report.dice.value == 1)
    }

    /// Attention of a case is shared out over its slides, and it is the case whose label and probability are known.
    @Test func slidesOfACaseAreComparedInTheCasesUnit() throws {
        let scratch = try Scratch()
        var maps = AnnotatedMaps()
        for (name, attention) in [("ill", [0.5, 0.125]), ("well", [0.25, 0.25])] {
            let url = scratch.file("\(name).h5")
            try PredictionFile(
                prediction: Prediction(
                    slide: try SlideID(name),
                    answer: .class(ClassAnswer([0.5, 0.5])),
                    branchAttention: [attention.map { Float($0) }],
                    attention: attention.map { Float($0) },
                    corners: [PixelPoint(x: 0, y: 0), PixelPoint(x: 256, y: 0)]
                ),
                classes: ["normal", "tumor"],
                model: "m",
                folds: [0],
                grid: nil,
                sideLevel0: 256,
                bagPatches: 8,
                attributes: [:]
            ).write(to: url)
            maps.predictions[try SlideID(name)] = url
            maps.cases[try SlideID(name)] = try SlideID("case of \(name)")
        }
        let drawn = scratch.file("ill.geojson")
        try GeoJSON(features: [.init(polygons: [square(0, 0, 256)])], origin: .slide).write(to: drawn)
        maps.annotations = [try SlideID("ill"): drawn]
        // 8 · 0.5 and 8 · 0.125: only the first patch reaches 2.
        maps.from = 2
        func judged(_ name: String, _ label: Int) -> JudgedClass {
            JudgedClass(caseID: name, label: label, probabilities: [0.5, 0.5], decision: 0)
        }
        let cases = [
            try SlideID("case of ill"): judged("case of ill", 1),
            try SlideID("case of well"): judged("case of well", 0),
        ]
        let report = try Localisation(maps, judged: cases, bootstrap)
        #expect(report.unannotated.isEmpty)
        #expect(report.dice.value == 1)
        maps.cases = [:]
        #expect(try Localisation(maps, judged: cases, bootstrap).unannotated == ["well"])
    }

    /// CAMELYON16's tumor_001 at level 5 with its two lesions, whose polygons are in pixels of level 0.
    @Test(.enabled(if: SharedData.isThere, "\(SharedData.absence)"))
    func camelyonsPolygonsLieOnTheCoarserSlideWhenScaled() throws {
        let url = SharedData.file("slides/camelyon16_tumor_001.json")
        let drawn = try AnnotatedRegions(contentsOf: url).placed(scale: 32, boundsX: 0, boundsY: 0, origin: nil)
        let size = PixelSize(width: 3072, height: 7168)
        let raster = RegionRaster(drawn, size: size, mpp: 7.776, patchSide: 8)
        let area = drawn.regions.reduce(0) { $0 + $1.area }
        #expect(raster.cell == 1 && abs(Double(raster.image.count) / area - 1) < 0.005)
        let lesions = Lesions(raster, mpp: 7.776)
        #expect(lesions.isIsolated == [false, false])

        // A map that is the truth on patches of 8 pixels misses only what the patches' edges cut.
        let corners = (0..<size.height / 8).flatMap { y in
            (0..<size.width / 8).map { PixelPoint(x: $0 * 8, y: y * 8) }
        }
        var map = try slide("tumor_001", corners.map { _ in 0 }, drawn.regions, mpp: 7.776)
        (map.corners, map.side, map.size) = (corners, 8, size)
        map.relative = map.inside.map { $0 ? 2 : 0 }
        let report = Localisation([map], from: 1, bootstrap)
        #expect(report.auc.value == 1 && report.averagePrecision.value == 1)
        // By a second program, pixel by pixel.
        #expect(abs(try #require(report.dice.value) - 0.9344808940158615) < 1e-12)
        #expect(report.froc?.lesions == 2 && report.froc?.score.value == 1)
    }
}
