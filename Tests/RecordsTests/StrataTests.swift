import Foundation
import Records
import Testing

/// Cases by name, each with one slide for every label in the list.
private func cohort(_ cases: [(name: String, labels: [Int])], classes: Int = 2) throws -> Cohort {
    let slides = try cases.flatMap { name, labels in
        try labels.enumerated().map { part, label in
            CohortSlide(slide: try SlideID("\(name)-\(part)"), caseID: name, target: .class(label))
        }
    }
    return Cohort(classes: (0..<classes).map { "class\($0)" }, slides: slides)
}

private func cases(_ slides: [SlideID]) -> [String] {
    Set(slides.map { String($0.text.prefix(while: { $0 != "." }).dropLast(2)) }).sorted()
}

private func labels(_ slides: [SlideID], _ cohort: Cohort) -> Set<Int> {
    let wanted = Set(slides)
    return Set(cohort.slides.filter { wanted.contains($0.slide) }.compactMap(\.target.label))
}

@Suite struct StrataTests {
    private func plain() throws -> Cohort {
        try cohort(
            [7, 5, 4].enumerated().flatMap { label, count in (0..<count).map { ("c\(label)-\($0)", [label]) } },
            classes: 3
        )
    }

    /// Worked out apart from this program, by the rule that folds of cases with one label each have always had.
    @Test func foldsOfCasesWithOneLabelStayWhatTheyWere() throws {
        let three = try Splits.folds(3, of: plain(), seed: 11)
        #expect(
            three.map { cases($0.test) } == [
                ["c0-0", "c0-2", "c0-3", "c1-4", "c2-1", "c2-3"], ["c0-1", "c0-6", "c1-2", "c1-3", "c2-2"],
                ["c0-4", "c0-5", "c1-0", "c1-1", "c2-0"],
            ]
        )
        #expect(
            three.map { cases($0.validation) } == [
                ["c0-6", "c1-0", "c2-2"], ["c0-0", "c1-4", "c2-3"], ["c0-6", "c1-2", "c2-3"],
            ]
        )
        let four = try Splits.folds(4, of: plain(), validationFraction: 0.3, seed: 2)
        #expect(
            four.map { cases($0.test) } == [
                ["c0-3", "c0-4", "c1-2", "c2-3"], ["c0-0", "c0-2", "c1-1", "c2-2"], ["c0-5", "c0-6", "c1-0", "c2-0"],
                ["c0-1", "c1-3", "c1-4", "c2-1"],
            ]
        )
        #expect(
            four.map { cases($0.validation) } == [
                ["c0-2", "c0-5", "c1-4", "c2-0"], ["c0-5", "c0-6", "c1-2", "c2-3"], ["c0-0", "c0-2", "c1-4", "c2-1"],
                ["c0-0", "c0-4", "c1-0", "c2-3"],
            ]
        )
    }

    @Test func monteCarloOfCasesWithOneLabelStaysWhatItWas() throws {
        let splits = try Splits.monteCarlo(2, of: plain(), testFraction: 0.25, validationFraction: 0.2, seed: 11)
        #expect(
            splits.map { cases($0.test) } == [["c0-0", "c0-4", "c1-4", "c2-1"], ["c0-0", "c0-6", "c1-4", "c2-1"]]
        )
        #expect(splits.map { cases($0.validation) } == [["c0-3", "c1-0", "c2-3"], ["c0-1", "c1-1", "c2-3"]])
    }

    @Test func casesThatAllHaveBothClassesAreDealtEvenly() throws {
        let pairs = try cohort((10..<22).map { ("P\($0)", [0, 1]) })
        let splits = try Splits.folds(5, of: pairs, seed: 0)
        #expect(splits.map { cases($0.test).count } == [3, 3, 2, 2, 2])
        #expect(splits.flatMap(\.test).sorted() == pairs.slides.map(\.slide))
        for split in splits {
            #expect(cases(split.validation).count == (split.fold < 2 ? 1 : 2))
            for part in [split.train, split.validation, split.test] { #expect(labels(part, pairs) == [0, 1]) }
        }
        try Splits.check(splits, of: pairs)
        #expect(try Splits.folds(5, of: pairs, seed: 0) == splits)
        let drawn = try Splits.monteCarlo(3, of: pairs, testFraction: 0.25, validationFraction: 0.2, seed: 0)
        for split in drawn {
            #expect((cases(split.test).count, cases(split.validation).count) == (3, 2))
            for part in [split.train, split.validation, split.test] { #expect(labels(part, pairs) == [0, 1]) }
        }
    }

    @Test func casesOfOneAndOfSeveralClassesAreEachSpreadOverTheFolds() throws {
        let kinds: [(prefix: String, labels: [Int], count: Int)] = [
            ("n", [0], 9), ("t", [1, 1], 6), ("b", [0, 1], 6),
        ]
        let mixed = try cohort(
            kinds.flatMap { kind in (10..<(10 + kind.count)).map { ("\(kind.prefix)\($0)", kind.labels) } }
        )
        for split in try Splits.folds(3, of: mixed, validationFraction: 0.2, seed: 4) {
            let tested = cases(split.test)
            #expect(kinds.map { kind in tested.count { $0.hasPrefix(kind.prefix) } } == [3, 2, 2])
            // A fifth of 14 training cases: of each kind about as many as it has.
            let validated = cases(split.validation)
            #expect(kinds.map { kind in validated.count { $0.hasPrefix(kind.prefix) } } == [1, 1, 1])
        }
    }

    /// The last case of a class stays for training, and a class goes to no fold whole.
    @Test func everyTrainingPartHasEveryClassOfAnyMixedCohort() throws {
        var random = CounterRandom(seed: 1, "cohorts")
        var made = 0
        for _ in 0..<200 {
            let classes = 2 + random.index(below: 3)
            let list = (0..<(4 + random.index(below: 10))).map { index in
                ("p\(10 + index)", (0...random.index(below: 3)).map { _ in random.index(below: classes) })
            }
            let mixed = try cohort(list, classes: classes)
            let all = Set(0..<classes)
            let least = all.map { label in list.count { $0.1.contains(label) } }.min() ?? 0
            guard least >= 2 else { continue }
            let count = 2 + random.index(below: least - 1)
            // Some are too small for a validation part that spares every class.
            guard let splits = try? Splits.folds(count, of: mixed, seed: 3),
                let drawn = try? Splits.monteCarlo(2, of: mixed, testFraction: 0.3, validationFraction: 0.2, seed: 3)
            else { continue }
            made += 1
            #expect(splits.flatMap(\.test).sorted() == mixed.slides.map(\.slide))
            for split in splits { #expect(labels(split.train, mixed) == all, "\(count) folds of \(list)") }
            try Splits.check(splits, of: mixed)
            for split in drawn { #expect(labels(split.train, mixed) == all, "drawn of \(list)") }
            try Splits.check(drawn, of: mixed, repeats: true)
        }
        #expect(made > 100)
    }

    @Test func aClassInTooFewCasesIsNamedWithTheNumberOfThem() throws {
        let mixed = try cohort([("a", [0]), ("b", [0, 1]), ("c", [0, 1]), ("d", [0])])
        let failure = try #require(throws: Failure.self) { try Splits.folds(3, of: mixed, seed: 0) }
        #expect(failure.message == "class class1 has 2 cases, fewer than 3 folds; use at most 2 folds")
    }
}

/// Needs that strata do not tell apart: rare sets of labels are one stratum.
@Suite struct NeededCasesTests {
    private func cohort() throws -> Cohort {
        let slides = try (0..<60).map { index in
            CohortSlide(
                slide: try SlideID("s\(100 + index)"),
                caseID: "p\(index)",
                target: .labels([index % 2 == 0] + (0..<5).map { index % 20 == 3 * $0 })
            )
        }
        return Cohort(classes: ["often", "a", "b", "c", "d", "e"], slides: slides)
    }

    @Test(arguments: 0..<12) func noTrainingPartLacksALabel(seed: Int) throws {
        let cohort = try cohort()
        let targets = Dictionary(uniqueKeysWithValues: cohort.slides.map { ($0.slide, $0.target) })
        for split in try Splits.folds(3, of: cohort, validationFraction: 0.4, seed: UInt64(seed)) {
            for need in cohort.needs {
                #expect(
                    split.train.contains { targets[$0].map(need.isMet) == true },
                    "fold \(split.fold) of seed \(seed) trains on no \(need.name)"
                )
            }
            #expect(!split.validation.isEmpty && !split.test.isEmpty)
        }
    }
}
