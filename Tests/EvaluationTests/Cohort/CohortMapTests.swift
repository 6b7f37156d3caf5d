import Foundation
import Records
import Testing

@testable import Evaluation

/// Maps, clusters, pairs and nearest patches.
@Suite struct CohortMapTests {
    private let rows = CohortProbeTests.rows(24, 6)

    @Test func componentsAreThoseOfNumpysDecomposition() {
        let map = PrincipalMap(rows)
        let wanted = [0.23406947, 0.18201645]
        #expect(zip(map.shares, wanted).allSatisfy { abs($0 - $1) < 1e-8 })
        let places = map.places[0] + map.places[23]
        let known = [-0.05054164292290751, 0.2418058011512726, 0.8208705181832888, -0.5946721489256429]
        #expect(zip(places, known).allSatisfy { abs($0 - $1) < 1e-8 }, "\(places)")
    }

    @Test func theFarthestPlaceOfEveryComponentIsPositiveAndTurningRowsOverChangesNoMap() {
        for rows in [rows, CohortProbeTests.rows(10, 30)] {
            let map = PrincipalMap(rows)
            for component in 0..<2 {
                let places = map.places.map { $0[component] }
                #expect((places.max { abs($0) < abs($1) } ?? 0) > 0)
            }
            let turned = PrincipalMap(rows.map { $0.map { -$0 } })
            for (one, other) in zip(map.places, turned.places) {
                #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-8 })
            }
            #expect(PrincipalMap(rows).places == map.places, "bit for bit")
        }
    }

    @Test func oneRowHasNoMapAndNothingFails() {
        #expect(PrincipalMap([[1, 2, 3]]).places == [[0, 0]])
        #expect(PrincipalMap([[1, 1], [1, 1], [1, 1]]).shares == [0, 0])
    }

    /// Three groups of ten rows that are far from each other.
    private var groups: [[Double]] {
        (0..<30).map { (row: Int) -> [Double] in
            (0..<5).map { (column: Int) -> Double in
                (row / 10 == column ? 10 : 0) + sin(Double(row * 5 + column))
            }
        }
    }

    @Test func clustersAreTheGroupsThatAreThere() {
        let clusters = Clusters(groups, count: 3, examples: 2, seed: 5)
        #expect(Set(clusters.groups).count == 3)
        for group in 0..<3 { #expect(Set(clusters.groups[group * 10..<group * 10 + 10]).count == 1) }
        #expect(clusters.examples.map(\.count) == [2, 2, 2])
        #expect(Clusters(groups, count: 3, examples: 2, seed: 5).groups == clusters.groups)
        #expect(Set(Clusters([[1, 2], [1, 2], [1, 2]], count: 8, examples: 1, seed: 0).groups) == [0])
    }

    @Test func neighboursStayTogetherOnTheMapAndItIsTheSameAgain() {
        let start = PrincipalMap(groups).places
        let map = NeighbourEmbedding(groups, start: start, perplexity: 5, iterations: 300).places
        #expect(map == NeighbourEmbedding(groups, start: start, perplexity: 5, iterations: 300).places)
        func distance(_ one: Int, _ other: Int) -> Double {
            hypot(map[one][0] - map[other][0], map[one][1] - map[other][1])
        }
        for row in 0..<30 {
            let nearest = (0..<30).filter { $0 != row }.min { distance(row, $0) < distance(row, $1) }
            #expect(nearest.map { $0 / 10 } == row / 10, "row \(row)")
        }
    }

    @Test func pairsAreExactOrNearAndSayInWhichFoldsTheyLeak() throws {
        let slides = try (0..<24).map { try SlideID("s\($0)") }
        var features = rows
        features[5] = features[2].map { $0 + 1e-6 }
        var digests = (0..<24).map { "d\($0)" }
        digests[9] = digests[8]
        features[9] = features[8]
        let cases = (0..<24).map { $0 == 9 ? "c8" : "c\($0)" }
        let split = Split(
            fold: 3,
            train: Array(slides[0..<5]),
            validation: Array(slides[8..<10]),
            test: Array(slides[5..<8])
        )
        func found(upTo most: Int) -> NearDuplicates {
            NearDuplicates(slides, cases: cases, features: features, digests: digests, splits: [split], upTo: most)
        }
        let near = found(upTo: 24)
        #expect(near.pairs.map { $0.slides.map(\.text) } == [["s2", "s5"], ["s8", "s9"]], "what leaks is first")
        #expect(near.pairs.map(\.isExact) == [false, true])
        #expect(near.pairs.map(\.folds) == [[3], []])
        #expect(near.count == 2 && near.leaking == 1 && near.median != nil)
        let exact = found(upTo: 23)
        #expect(exact.pairs.map { $0.slides.map(\.text) } == [["s8", "s9"]], "the same is found of any number")
        #expect(exact.median == nil)
    }

    @Test func pairsThatAreNotListedAreCountedAndThoseThatLeakAreListed() throws {
        let slides = try (10..<40).map { try SlideID("s\($0)") }
        let split = Split(fold: 0, train: [slides[28]], validation: [], test: [slides[29]])
        let found = NearDuplicates(
            slides,
            cases: slides.map(\.text),
            features: slides.map { _ in [1, 2] },
            digests: slides.map { _ in "same" },
            splits: [split]
        )
        #expect(found.count == 435 && found.leaking == 1 && found.pairs.count == NearDuplicates.most)
        #expect(found.pairs[0].slides == [slides[28], slides[29]])
        var report = CohortReport(name: "m", slides: 30, cases: 30, width: 2)
        report.take(found)
        #expect(report.leakingPairs == 1 && report.duplicatePairs == 435)
        #expect(report.notes.count == 1 && report.notes[0].contains("200 of 435"))
        #expect(CohortWords(report).verdict.contains { $0.hasPrefix("1 pair(s)") })
    }

    /// Far from 0, sums in fp32 have lost all that tells rows apart.
    @Test(arguments: NearestRows.Measure.allCases, [Float(0), 3000])
    func theNearestRowsAreThoseOfAPlainSearch(_ measure: NearestRows.Measure, _ offset: Float) throws {
        let values = CohortProbeTests.rows(60, 19).map { $0.map { Float($0) + offset } }
        var nearest = NearestRows(values[7], measure, count: 5)
        for slide in 0..<3 {
            let own = values[slide * 20..<slide * 20 + 20].flatMap { $0 }
            nearest.look(at: try SlideID("s\(slide)"), own, leavingOut: slide == 0 ? 7 : nil)
        }
        func distance(_ row: Int) -> Double {
            let (one, other) = (values[7].map(Double.init), values[row].map(Double.init))
            let dot = zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
            let (left, right) = (one.reduce(0) { $0 + $1 * $1 }, other.reduce(0) { $0 + $1 * $1 })
            let apart = zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return measure == .cosine ? 1 - dot / (left * right).squareRoot() : apart.squareRoot()
        }
        let wanted = (0..<60).filter { $0 != 7 }.sorted { distance($0) < distance($1) }.prefix(5)
        #expect(nearest.found.map { "\($0.slide):\($0.row)" } == wanted.map { "s\($0 / 20):\($0 % 20)" })
        #expect(zip(nearest.found, wanted).allSatisfy { abs($0.distance - distance($1)) < 1e-12 })
        #expect(nearest.compared == 59)
    }

    @Test func rowsWithoutADistanceAreNotCompared() throws {
        let slide = try SlideID("s")
        let rows: [Float] = [1, 2, .nan, 1, 0, 0, .infinity, 1, 3e25, 4e25]
        let counts = NearestRows.Measure.allCases.map { measure in
            var nearest = NearestRows([1, 1], measure, count: 1)
            nearest.look(at: slide, rows)
            #expect(nearest.found.map(\.row) == [measure == .cosine ? 4 : 0])
            return nearest.compared
        }
        #expect(counts == [2, 3], "zeros have no angle")
    }

    @Test func thePageNamesWhatWasFoundAndEscapesNames() {
        var report = CohortReport(name: "<study>", slides: 2, cases: 2, width: 3)
        var column = ColumnFinding(name: "site<b>", isNumber: false, slides: 2, cases: 2, groups: [])
        column.verdict = .shortcut
        report.columns = [column]
        let places = (0..<2).compactMap { number in
            (try? SlideID("s\(number)")).map { slide in
                CohortReport.Place(
                    slide: slide,
                    row: nil,
                    components: [Double(number), 1],
                    neighbours: nil,
                    cluster: nil
                )
            }
        }
        let map = CohortPage.SlideMap(places: places, colours: [("site<b>", ["A", nil])])
        let page = CohortPage(report, slides: map, patches: []).text
        #expect(page.contains("shortcut risk: site&lt;b&gt;") && !page.contains("<b>") && !page.contains("<study>"))
        #expect(page.contains("<circle"))
    }
}
