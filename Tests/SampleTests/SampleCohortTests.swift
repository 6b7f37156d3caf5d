import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Sample

@Suite struct SampleCohortTests {
    private let scratch: Scratch
    private var folder: URL { scratch.folder }

    init() throws { scratch = try Scratch() }

    private let small = SampleOptions(slides: 2, side: 2048, seed: 3)

    private func pixels(_ painter: SlidePainter, _ rows: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: rows.count * painter.size.width * 3) { buffer, count in
            painter.read(rows: rows, into: buffer)
            count = buffer.count
        }
    }

    @Test func halfOfTheSlidesCarryTumourAndACaseHasOneLabel() throws {
        let plan = try CohortPlan(SampleOptions())
        #expect(plan.slides.count == 32)
        #expect(plan.slides.count { $0.isTumour } == 16)
        let cases = Dictionary(grouping: plan.slides, by: \.caseID)
        #expect(cases.count == 24)
        #expect(cases.values.allSatisfy { Set($0.map(\.isTumour)).count == 1 })
        #expect(cases.values.count { $0.count == 2 } == 8)
        #expect(Set(plan.slides.map(\.id)).count == 32)
    }

    @Test func theOrderOfTheLabelsIsMixed() throws {
        let labels = try CohortPlan(SampleOptions()).slides.map(\.isTumour)
        let changes = zip(labels, labels.dropFirst()).count { $0 != $1 }
        #expect((8...24).contains(changes))
    }

    @Test func everyTumourSlideHasANormalTwinOfTheSameMake() throws {
        for seed: UInt64 in 1...3 {
            let slides = try CohortPlan(SampleOptions(seed: seed)).slides
            func makes(_ isTumour: Bool) -> [[Float]] {
                slides.filter { $0.isTumour == isTumour }.map {
                    [Float($0.size.width), Float($0.size.height), $0.stain.noise, $0.stain.eosin.x, $0.composition.fat]
                }.sorted { $0.lexicographicallyPrecedes($1) }
            }
            #expect(makes(true) == makes(false))
        }
    }

    @Test(arguments: [UInt64(1), 7, 99])
    func fociCoverOneToTenPercentOfTheTissueAndAreLargeEnough(seed: UInt64) throws {
        for slide in try CohortPlan(SampleOptions(slides: 16, seed: seed)).slides {
            let map = SlidePainter(plan: slide, seed: seed).map
            let foci = map.bodies.filter(\.isTumour)
            guard slide.isTumour else {
                #expect(foci.isEmpty)
                continue
            }
            #expect((1...3).contains(foci.count))
            let share = foci.reduce(0) { $0 + $1.shape.area } / map.tissueArea
            #expect((0.01...0.10).contains(share), "\(slide.id): \(share)")
            for focus in foci {
                let outline = focus.shape.outline()
                let width = (outline.map(\.x).max() ?? 0) - (outline.map(\.x).min() ?? 0)
                let height = (outline.map(\.y).max() ?? 0) - (outline.map(\.y).min() ?? 0)
                #expect(min(width, height) > 250 && max(width, height) > 300, "\(slide.id): \(width) x \(height)")
                let onTissue = outline.count { map.tissue.at($0.x, $0.y) > 0 }
                #expect(onTissue > 48, "\(slide.id): \(onTissue) of 64 points of a focus lie on tissue")
            }
        }
    }

    @Test func rowsDoNotDependOnWhichOthersAreAskedFor() throws {
        let slide = try #require(try CohortPlan(small).slides.first { $0.isTumour })
        let painter = SlidePainter(plan: slide, seed: small.seed)
        let middle = slide.size.height / 2
        let whole = pixels(painter, (middle - 70)..<(middle + 90))
        let part = pixels(painter, (middle - 3)..<(middle + 5))
        let start = 67 * slide.size.width * 3
        #expect(Array(whole[start..<(start + part.count)]) == part)
    }

    @Test func theSameSeedGivesTheSameFilesAtAnyConcurrency() async throws {
        let one = folder.appending(path: "one")
        let three = folder.appending(path: "three")
        try await SampleCohort.write(to: one, options: small, concurrency: 1)
        try await SampleCohort.write(to: three, options: small, concurrency: 3)
        let names = try #require(FileManager.default.enumerator(atPath: one.path)?.allObjects as? [String])
        #expect(names.filter { $0.hasSuffix(".svs") }.count == 2)
        for name in names where name.contains(".") {
            #expect(
                try Data(contentsOf: one.appending(path: name)) == Data(contentsOf: three.appending(path: name))
            )
        }
    }

    @Test func aSecondRunKeepsWhatIsThereAndAForeignFileIsAnError() async throws {
        let first = try await SampleCohort.write(to: folder, options: small)
        #expect(first == .init(written: 6, kept: 0))
        let second = try await SampleCohort.write(to: folder, options: small)
        #expect(second == .init(written: 0, kept: 6))

        try FileManager.default.removeItem(at: folder.appending(path: "recipe.json"))
        try FileManager.default.removeItem(at: folder.appending(path: "slides/sample_001.svs"))
        let resumed = try await SampleCohort.write(to: folder, options: small)
        #expect(resumed == .init(written: 1, kept: 5))

        await #expect(throws: SampleError.inTheWay(path: folder.appending(path: "recipe.json").path)) {
            try await SampleCohort.write(to: folder, options: SampleOptions(slides: 2, side: 2048, seed: 4))
        }
        let slide = folder.appending(path: "slides/sample_002.svs")
        try AtomicFile.write("something else", to: slide)
        await #expect(throws: SampleError.inTheWay(path: slide.path)) {
            try await SampleCohort.write(to: folder, options: small)
        }
    }

    @Test func labelsAndAnnotationsAgree() async throws {
        try await SampleCohort.write(to: folder, options: small)
        let table = try Table(contentsOf: folder.appending(path: "labels.csv"))
        #expect(table.columns == ["slide_id", "case_id", "label"])
        for row in table.rows {
            let file = folder.appending(path: "annotations/\(row["slide_id"]).geojson")
            let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
            #expect(json?["wsi_origin"] as? String == "slide")
            let features = try #require(json?["features"] as? [[String: Any]])
            #expect(features.isEmpty == (row["label"] == "normal"))
            for feature in features {
                let geometry = feature["geometry"] as? [String: Any]
                let rings = try #require(geometry?["coordinates"] as? [[[Int]]])
                #expect(geometry?["type"] as? String == "Polygon")
                #expect(rings.count == 1 && rings[0].count == 65 && rings[0].first == rings[0].last)
                let properties = feature["properties"] as? [String: Any]
                #expect((properties?["classification"] as? [String: Any])?["name"] as? String == "tumor")
            }
        }
    }

    @Test func pixelsBeforeCompressionAreTheSameOnEveryMachine() throws {
        let slide = try #require(try CohortPlan(small).slides.first { $0.isTumour })
        let painter = SlidePainter(plan: slide, seed: small.seed)
        let focus = try #require(painter.map.bodies.first { $0.isTumour })
        let top = Int(focus.shape.y)
        #expect(
            Digest.sha256(Data(pixels(painter, top..<(top + 16))))
                == "71c98cbf6a74c8791aaf511ce3fba58e43aa8897021600ede1f8089905abf7a6"
        )
    }

    @Test func aFocusIsAboutAsDarkAsBenignEpithelium() throws {
        let options = SampleOptions()
        for slide in try CohortPlan(options).slides.filter(\.isTumour).prefix(3) {
            let painter = SlidePainter(plan: slide, seed: options.seed)
            func meanRed(_ body: TissueMap.Body) -> Double {
                let rows = (Int(body.shape.y) - 90)..<(Int(body.shape.y) + 90)
                let columns = (Int(body.shape.x) - 90)..<(Int(body.shape.x) + 90)
                let values = pixels(painter, rows)
                let sum = (0..<rows.count).reduce(0) { sum, row in
                    columns.reduce(sum) { $0 + Int(values[(row * slide.size.width + $1) * 3]) }
                }
                return Double(sum) / Double(rows.count * columns.count)
            }
            let focus = try #require(painter.map.bodies.first { $0.isTumour })
            let nest = try #require(painter.map.bodies.first { !$0.isTumour })
            #expect(abs(meanRed(focus) - meanRed(nest)) < 15, "\(slide.id)")
        }
    }

    @Test func senselessOptionsAreRefused() {
        for options in [SampleOptions(slides: 1), SampleOptions(side: 1000), SampleOptions(slides: 1000)] {
            #expect(throws: SampleError.self) { try CohortPlan(options) }
        }
    }

    @Test func theRecipeAndLabelsInTheRepositoryAreThoseOfTheDefaultCohort() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../sample-data")
        let recipe = try CanonicalJSON.read(SampleOptions.self, from: folder.appending(path: "recipe.json"))
        #expect(recipe == SampleOptions())
        let rows = try Table(contentsOf: folder.appending(path: "labels.csv")).rows
        let plan = try CohortPlan(SampleOptions())
        #expect(
            rows.map { [$0["slide_id"], $0["case_id"], $0["label"]] }
                == plan.slides.map { [$0.id.text, $0.caseID, CohortPlan.classes[$0.isTumour ? 1 : 0]] }
        )
    }
}
