import Foundation
import Imaging
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Heatmaps

@Suite struct SlideMapsTests {
    private let scratch: Scratch
    private var folder: URL { scratch.folder }

    init() throws { scratch = try Scratch() }

    private let branches: [[Float]] = [[0.5, 0.25, 0.25, 0], [0.25, 0.25, 0.25, 0.25]]

    @Test func attentionIsShownTimesN() throws {
        let maps = try slideMaps(branches: branches)
        #expect(maps.main.name == "mean" && maps.main.quantity == .attention)
        #expect(maps.main.values == [1.5, 1, 1, 0.5])
        #expect(maps.rows.map(\.name) == ["branch_0", "branch_1"])
        #expect(maps.rows[0].values == [2, 1, 1, 0])
        let single = try slideMaps(branches: [[0.1, 0.9]])
        #expect(single.main.name == "branch_0" && single.rows.isEmpty && single.disagreement == nil)
    }

    /// Of 2 and 1 the deviation is 0.5, of 0 and 1 as well; the scale ends at half of 0...10.
    @Test func disagreementIsTheDeviationOfTheRows() throws {
        let map = try #require(try slideMaps(branches: branches).disagreement)
        #expect(map.values == [0.5, 0, 0, 0.5])
        #expect(map.range == 0...5)
        #expect(map.quantity.title == "Disagreement: standard deviation of N·attention")
    }

    private func prediction(
        _ rows: [(String, [Float])],
        mean: [Float],
        kind: MapKind = .attention,
        main: [Int]? = nil
    ) throws -> SlideMaps {
        let corners = (0..<mean.count).map { PixelPoint(x: $0 * 9, y: 0) }
        var file = try predictionFile(branches: rows.map(\.1), corners: corners, side: 9)
        (file.prediction.rowNames, file.prediction.attention, file.prediction.kind) = (rows.map(\.0), mean, kind)
        file.prediction.mainRows = main
        return try SlideMaps(file, attention: 0...10, score: -5...20)
    }

    @Test func contributionsAreSignedTimesNAndNameTheirOutputAndItsBias() throws {
        let rows: [(String, [Float])] = [
            ("attention", [0.75, 0.25]), ("contribution_0", [-1, 0.25]), ("contribution_1", [2, -0.5]),
        ]
        let corners = [PixelPoint(x: 0, y: 0), PixelPoint(x: 9, y: 0)]
        var file = try predictionFile(branches: rows.map(\.1), corners: corners, side: 9)
        (file.prediction.rowNames, file.prediction.attention) = (rows.map(\.0), rows[0].1)
        file.prediction.mainRows = [0]
        file.attributes[PredictionFile.biases] = try PredictionFile.text(biases: ["contribution_1": 0.5])
        let maps = try SlideMaps(file, attention: 0...10, score: -5...20)
        #expect(maps.main.quantity == .attention && maps.disagreement == nil)
        let map = maps.rows[2]
        #expect(map.values == [4, -1] && map.range == -5...5 && maps.rows[1].range == -5...5)
        #expect(map.title == "contribution to \(file.classes[1]) (bias 0.5)")
        for (name, title) in [
            ("mean.contribution_1", "mean contribution to tumor"),
            ("fold_2.contribution_1", "fold_2.contribution to tumor"),
            ("seed_3.fold_2.contribution_1", "seed_3.fold_2.contribution to tumor"),
        ] {
            file.prediction.rowNames[2] = name
            #expect(try SlideMaps(file, attention: 0...10, score: -5...20).rows[2].title == title)
        }
        var style = HeatmapStyle()
        style.scale = .percentile
        #expect(style.legend(of: map).scale == .absolute(-5...5), "ranks have no sign")
        #expect(style.legend(of: map).colours == .signed)
        #expect(style.legend(of: map).title == "N·contribution to the logit (0 = none)")
        #expect(
            HeatmapTable.text(maps).hasPrefix(
                "x,y,side,attention,attention_times_n,percentile,contribution_0,"
            )
        )
        // QuPath's file tells the one map once too.
        let bounds = PixelRect(x: 0, y: 0, width: 4096, height: 4096)
        let tile = MapGeoJSON.collection(maps, bounds: bounds, mpp: nil, limit: nil).features.last
        guard case .object(let words) = tile?.properties["measurements"] else {
            Issue.record("a tile without measurements")
            return
        }
        #expect(words["N·attention"] != nil && words["N·attention attention"] == nil && words.count == 4)
    }

    @Test func otherExplanationsSayWhatTheyLackAndHaveAScaleOfTheirOwn() throws {
        let rows: [(String, [Float])] = [
            ("attention", [0.75, 0.25]), ("single_1", [-3, 0.25]), ("ig_1", [2, -0.5]), ("occlusion_1", [0, 1]),
        ]
        let corners = [PixelPoint(x: 0, y: 0), PixelPoint(x: 9, y: 0)]
        var file = try predictionFile(branches: rows.map(\.1), corners: corners, side: 9)
        (file.prediction.rowNames, file.prediction.attention) = (rows.map(\.0), rows[0].1)
        file.prediction.mainRows = [0]
        file.attributes.merge(
            try PredictionFile.attributes(explained: [
                ("single_1", bias: nil, facts: ExplanationFacts(patches: 2)),
                ("ig_1", bias: nil, facts: ExplanationFacts(whole: 2, residual: 0.1, nodes: 128)),
                ("occlusion_1", bias: nil, facts: ExplanationFacts(neighbourhoods: 2)),
            ])
        ) { $1 }
        let maps = try SlideMaps(file, attention: 0...10, score: -5...20).rows
        // A patch alone is no part of a whole.
        #expect(maps[1].values == [-3, 0.25] && maps[1].range == -5...5 && maps[2].values == [4, -1])
        #expect(maps.dropFirst().allSatisfy { $0.quantity.isSigned })
        #expect(maps[1].title == "single to tumor (of 2 patches, the others are 0)")
        #expect(maps[2].title == "ig to tumor (128 steps, residual 5 %, above 1 %)")
        #expect(maps[3].title == "occlusion to tumor (2 neighbourhoods)")
        // A measurement has one name on all slides.
        #expect(maps[2].measurement == "N·ig to tumor" && maps[1].measurement == "single to tumor")
        #expect(maps.dropFirst().map { $0.quantity.word } == ["single", "N·ig", "N·occlusion"])
        for (map, name) in zip(maps.dropFirst(), ["single: ", "ig: ", "occlusion: "]) {
            #expect(map.quantity.title.hasPrefix(name))
        }
    }

    @Test func signedColoursAreFaintInTheMiddleAndApartAtTheEnds() {
        let colours = ColourMap.signed
        #expect(colours.colours.count == 256)
        #expect(colours.strength(at: 0.5) == 0 && colours.strength(at: 0) == 1 && colours.strength(at: 1) == 1)
        let (low, middle, high) = (colours.colour(at: 0), colours.colour(at: 0.5), colours.colour(at: 1))
        #expect(low.blue > low.red && high.red > high.blue && min(middle.red, middle.green, middle.blue) > 230)
        #expect(ColourMap(.lagoon).strength(at: 0.25) == 0.25)
    }

    @Test func scoresNameTheirUnitAndHaveTheirOwnRange() throws {
        let maps = try prediction([("class_token", [0.25, -0.5])], mean: [0.25, -0.5], kind: .score)
        #expect(maps.main.name == "class_token" && maps.main.values == [0.5, -1] && maps.main.range == -5...20)
        var style = HeatmapStyle()
        #expect(style.legend(of: maps.main).title == "N·score (the model's own unit)")
        #expect(style.legend(of: maps.main).scale == .absolute(-5...20))
        style.scale = .percentile
        #expect(style.legend(of: maps.main).title == "Percentile of N·score in this slide")
        #expect(HeatmapTable.text(maps) == "x,y,side,score,percentile\n0,0,9,0.25,100.0\n9,0,9,-0.5,0.0\n")
    }

    /// The student's map is the one that is shown; a teacher who sees it otherwise is no disagreement of the model.
    @Test func aTeacherStandsBesideTheStudent() throws {
        let maps = try prediction([("student", [0.9, 0.1]), ("teacher", [0.2, 0.8])], mean: [0.9, 0.1])
        #expect(maps.main.name == "student")
        #expect(maps.all.map(\.title) == ["student", "teacher"])
    }

    /// MHIM's row of equal shares says where training may have masked, and nothing about how much.
    @Test func whatIsMaskedAsHardIsYesOrNo() throws {
        let maps = try prediction(
            [("student", [0.5, 0.3, 0.2]), ("teacher", [0.6, 0.2, 0.2]), ("hard", [0.5, 1e-20, 0.5])],
            mean: [0.5, 0.3, 0.2]
        )
        let hard = try #require(maps.rows.last)
        #expect(hard.values == [1, 0, 1] && hard.range == 0...1 && hard.quantity == .masked)
        #expect(maps.main.name == "student" && maps.disagreement == nil)
        var style = HeatmapStyle()
        style.scale = .percentile
        #expect(style.legend(of: hard).scale == .absolute(0...1))
    }

    /// Of a case with twice the slide's patches, an even share is half of what it would be of the slide alone.
    @Test func uniformAttentionIsThatOfTheBag() throws {
        var file = try predictionFile(
            branches: [[0.125, 0.125, 0.125, 0.125]],
            corners: (0..<4).map { PixelPoint(x: $0 * 9, y: 0) },
            side: 9
        )
        file.bagPatches = 8
        #expect(try SlideMaps(file, attention: 0...10, score: 0...1).main.values == [1, 1, 1, 1])
    }

    @Test func foldsOfTheShownRoleAreCompared() throws {
        let maps = try prediction(
            [
                ("fold_0.student", [1, 0]), ("fold_0.teacher", [0.5, 0.5]), ("fold_1.student", [0, 1]),
                ("fold_1.teacher", [0.5, 0.5]),
            ],
            mean: [0.5, 0.5]
        )
        // The mean of all rows is the same here, so all are compared: of 2, 1, 0, 1 the deviation is √0.5.
        #expect(maps.disagreement?.values == [Float(0.5).squareRoot(), Float(0.5).squareRoot()])
        let apart = try prediction(
            [
                ("fold_0.student", [1, 0]), ("fold_0.teacher", [0, 1]), ("fold_1.student", [0.8, 0.2]),
                ("fold_1.teacher", [0, 1]),
            ],
            mean: [0.9, 0.1]
        )
        #expect(apart.main.name == "mean")
        #expect(apart.disagreement.map { $0.values.map { ($0 * 1000).rounded() } } == [200, 200])
    }

    /// Teacher and student agree here, so that the numbers alone would make the map a mean of both.
    @Test func theRowsThatThePredictionNamesAreTheMains() throws {
        let rows: [(String, [Float])] = [("student", [0.9, 0.1]), ("teacher", [0.9, 0.1])]
        let maps = try prediction(rows, mean: [0.9, 0.1], main: [0])
        #expect(maps.main.name == "student" && maps.disagreement == nil)
        #expect(try prediction(rows, mean: [0.9, 0.1]).main.name == "mean")
        let folds = try prediction(
            [
                ("fold_0.student", [1, 0]), ("fold_0.teacher", [0.5, 0.5]), ("fold_1.student", [0, 1]),
                ("fold_1.teacher", [0.5, 0.5]),
            ],
            mean: [0.5, 0.5],
            main: [0, 2]
        )
        #expect(folds.main.name == "mean" && folds.disagreement?.values == [1, 1])
    }

    @Test func classesHaveMapsUnderTheirOwnNamesAndAreNotCompared() throws {
        let maps = try prediction([("class_0", [0.5, 0.5]), ("class_1", [0.1, 0.9])], mean: [0.3, 0.7])
        #expect(maps.rows.map(\.title) == ["normal", "tumor"] && maps.rows.map(\.name) == ["class_0", "class_1"])
        #expect(maps.disagreement == nil)
    }

    @Test func theTableListsEveryPatchWithSharesAndRanks() throws {
        let corners = [PixelPoint(x: 0, y: 1), PixelPoint(x: 512, y: 1)]
        let text = HeatmapTable.text(try slideMaps(branches: [[0.25, 0.75], [0.75, 0.25]], corners: corners))
        #expect(
            text == """
                x,y,side,attention,attention_times_n,percentile,branch_0,branch_1
                0,1,512,0.5,1.0,50.0,0.25,0.75
                512,1,512,0.5,1.0,50.0,0.75,0.25

                """
        )
    }

    private func map(_ values: [Float]) -> PatchMap {
        PatchMap(name: "a", title: "a", quantity: .attention, given: values, values: values, range: 0...10)
    }

    @Test func mapsNeedAValueForEveryPatch() throws {
        let map = map([1])
        #expect(throws: ReviewError.self) { try SlideMaps(corners: [], side: 1, main: map, rows: []) }
    }

    @Test func equalValuesKeepTheirRowOrder() {
        let map = map([1, 3, 3, 0])
        #expect(map.descending == [1, 2, 0, 3])
    }

    @Test func theArraysReadBack() throws {
        let maps = try slideMaps(branches: branches)
        let files = try ["a.h5", "b.h5"].map { name in
            let url = folder.appending(path: name)
            try MapFile.write(
                corners: maps.corners,
                side: maps.side,
                maps: maps.all.map { ($0.name, $0.quantity.word, $0.values) },
                percentile: maps.main.percentiles.map { $0 * 100 },
                attributes: ["wsi_slide": "S1"],
                to: url
            )
            return try Data(contentsOf: url)
        }
        #expect(files[0] == files[1])
        #expect(throws: StorageError.self) {
            try MapFile.write(
                corners: maps.corners,
                side: 512,
                maps: [("a", "b", [1])],
                percentile: [],
                attributes: [:],
                to: folder.appending(path: "c.h5")
            )
        }
    }
}
