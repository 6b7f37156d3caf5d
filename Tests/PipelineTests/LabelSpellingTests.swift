import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Which labels count, and which class is the positive one.
@Suite struct LabelSpellingTests {
    private func read(_ labels: [String], _ members: String...) throws -> LabelTable {
        let scratch = try Scratch()
        let rows = labels.enumerated().map { "s\($0.offset),c\($0.offset),\"\($0.element)\"\n" }
        let config = (["\"labels\": \"l\""] + members).joined(separator: ", ")
        return LabelTable(
            try scratch.add("labels.csv", "slide_id,case_id,label\n" + rows.joined()),
            config: try JSONDecoder().decode(CohortConfig.self, from: Data("{\(config)}".utf8))
        )
    }

    private func labels(_ table: LabelTable) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: table.cohort.slides.map { ($0.slide.text, $0.target.label ?? -1) })
    }

    @Test(arguments: [
        "NA", "N/A", "n/a", "#N/A", "nan", "NaN", "None", "none", "NULL", "<NA>", "-999", "-999.0", "", "  ", "\u{A0}",
        "#REF!",
    ])
    func wordsThatSayThatThereIsNoLabelLeaveTheirSlideOut(word: String) throws {
        let table = try read(["0", word, "1"])
        #expect(table.problems.isEmpty)
        #expect(table.cohort.classes == ["0", "1"] && labels(table) == ["s0": 0, "s2": 1])
        #expect(table.slides(.unlabelled).map(\.text) == ["s1"])
        #expect(
            table.notes.contains { $0.hasPrefix("1 slide(s) of labels.csv have no label") && $0.hasSuffix("out: s1") }
        )
    }

    @Test func aClassMayHaveSuchAName() throws {
        let named = try read(["None", "ITC", "NA"], #""classes": ["None", "ITC"]"#)
        #expect(labels(named) == ["s0": 0, "s1": 1] && named.slides(.unlabelled).map(\.text) == ["s2"])
        let mapped = try read(["None", "ITC", "x"], #""label_map": {"None": "normal", "x": "NA"}"#)
        #expect(mapped.cohort.classes == ["normal", "ITC"] && mapped.slides(.unlabelled).map(\.text) == ["s2"])
        let positive = try read(["None", "ITC"], #""positive": "None""#)
        #expect(positive.cohort.classes == ["ITC", "None"])
    }

    @Test(arguments: [
        (
            ["tumor", "TUMOR", "tumor"],
            "case: 'tumor' (2 rows, the first on line 2), 'TUMOR' (1 row, the first on line 3)"
        ),
        (["lung adeno", "lung  adeno"], "blanks"), (["tumör", "tumo\u{308}r"], "the Unicode form of their accents"),
        (["1", "1.0"], "how a number is written"),
        (["Lung Adeno", "lungadeno"], "case, blanks or the form of characters"),
    ])
    func labelsThatAreOneAreAnErrorThatSaysHowTheyDiffer(same: [String], how: String) throws {
        let table = try read(same + ["normal"])
        #expect(table.problems.count == 1 && table.problems[0].line == 3)
        #expect(table.problems[0].message.hasPrefix("labels that differ only in \(how)"), "\(table.problems)")
        #expect(table.problems[0].message.contains(#""label_map": {"\#(same[1])": "\#(same[0])"}"#))
        // They are read as one, so that nothing else is said of them.
        #expect(table.cohort.classes == ["normal", same[0]])
    }

    @Test(arguments: [("tum\u{200B}or", "tum\\u{200B}or"), ("tumor\u{202E}", "tumor\\u{202E}"), ("tu\nmor", "tu mor")])
    func aLabelWithWhatCannotBeSeenIsRefusedAndShownEscaped(label: String, shown: String) throws {
        let table = try read(["tumor", label, "normal"])
        let problem = try #require(table.problems.first)
        #expect(
            problem.line == 3 && problem.message.hasPrefix("the label '\(shown)' has characters that cannot be seen")
        )
        #expect(problem.failure.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x200B })
    }

    @Test func aLabelThatTheConfigSpellsOutMayHaveThem() throws {
        let table = try read(["tumor", "tum\u{200B}or", "normal"], #""label_map": {"tum\u200bor": "tumor"}"#)
        #expect(table.problems.isEmpty && labels(table) == ["s0": 1, "s1": 1, "s2": 0])
    }

    @Test func aColumnThatIsNoneOfLabelsIsOneProblem() throws {
        let table = try read((0...10_000).map { "text \($0)" })
        #expect(table.problems.count == 1)
        #expect(table.problems[0].message.hasPrefix("more than 10,000 different labels, such as 'text 0', 'text 1'"))
    }

    @Test func labelsThatAreMappedToOneAreOne() throws {
        let table = try read(["TUMOR", "tumor", "normal"], #""label_map": {"TUMOR": "tumor"}"#)
        #expect(table.problems.isEmpty && labels(table) == ["s0": 1, "s1": 1, "s2": 0])
        let unused = try read(["tumor", "normal"], #""label_map": {"Tumor": "tumor"}"#)
        #expect(unused.notes == ["label_map names labels that labels.csv does not have: Tumor"])
    }

    @Test func labelsOutsideOfTheClassesAreLeftOutWithACount() throws {
        let table = try read(
            ["normal", "tumor", "borderline", "metastasis", "borderline", "7"],
            #""classes": ["normal", "tumor"]"#
        )
        #expect(table.problems.isEmpty && labels(table) == ["s0": 0, "s1": 1])
        #expect(table.slides(.otherClass).map(\.text) == ["s2", "s3", "s4", "s5"])
        #expect(
            table.notes == [
                "4 slide(s) of labels.csv have a label that is no class of cohort.classes, "
                    + "'borderline' (2), '7' (1), 'metastasis' (1), and are left out: s2, s3, s4, s5"
            ]
        )
    }

    @Test(arguments: [
        ("Tumor", true), ("tu mor", true), ("tumour", true), ("tumr", true), ("timor", true), ("tumro", true),
        ("tumör", true),
        ("tumo", true), ("tumor2", false), ("t", false), ("lung", false),
    ])
    func aLabelThatIsNearlyAClassIsAnError(label: String, isNear: Bool) throws {
        let table = try read(["normal", "tumor", label], #""classes": ["normal", "tumor"]"#)
        #expect(table.problems.count == (isNear ? 1 : 0), "\(table.problems)")
        #expect(labels(table) == ["s0": 0, "s1": 1])
        guard isNear else { return }
        #expect(table.problems[0].line == 4)
        #expect(
            table.problems[0].message.hasPrefix(
                "label '\(label)' (1 row, the first on line 4) is nearly the class 'tumor'"
            )
        )
        let map = #""label_map": {"\#(label)": "tumor"}"#
        #expect(table.problems[0].message.contains(map))
        let mapped = try read(["normal", "tumor", label], #""classes": ["normal", "tumor"]"#, map)
        #expect(mapped.problems.isEmpty && labels(mapped) == ["s0": 0, "s1": 1, "s2": 1])
    }

    /// A grade is no slip for the next one, and of one letter nothing can be said.
    @Test(arguments: [("grade1", "grade2", "grade3"), ("A", "B", "C"), ("0", "1", "2"), ("10", "12", "11")])
    func namesThatDifferInADigitAreOthers(first: String, second: String, other: String) throws {
        let table = try read([first, second, other], "\"classes\": [\"\(first)\", \"\(second)\"]")
        #expect(table.problems.isEmpty && table.slides(.otherClass).map(\.text) == ["s2"])
    }

    @Test func classesThatNoLabelIsOfAreAnError() throws {
        let table = try read(["0", "1"], #""classes": ["normal", "tumor"]"#)
        #expect(
            table.problems.map(\.message) == [
                "no slide is of a class of cohort.classes, normal, tumor; the labels are 0, 1"
            ]
        )
        #expect(try read(["NA", ""]).problems.map(\.message) == ["no row has a label"])
    }

    @Test(arguments: [
        (["tumor", "normal"], ["normal", "tumor"]), (["MSI", "negative"], ["negative", "MSI"]),
        (["wt", "EGFR"], ["wt", "EGFR"]), (["Wild-Type", "BRAF"], ["Wild-Type", "BRAF"]), (["1", "0"], ["0", "1"]),
        (["1.0", "0.0"], ["0.0", "1.0"]), (["cancer", "HEALTHY"], ["HEALTHY", "cancer"]),
        (["true", "False"], ["False", "true"]),
        (["case", "control"], ["control", "case"]), (["yes", "No"], ["No", "yes"]),
        (["adenoma", "benign"], ["benign", "adenoma"]),
        (["metastasis", "no metastasis"], ["no metastasis", "metastasis"]),
        (["non-responder", "Responder"], ["non-responder", "Responder"]), (["absent", "a"], ["absent", "a"]),
    ])
    func ofTwoClassesTheOneThatMeansNoneComesFirst(found: [String], classes: [String]) throws {
        let table = try read(found)
        #expect(table.problems.isEmpty && table.cohort.classes == classes)
        #expect(table.order.positive == classes[1])
        #expect(table.order.text == "positive class: \(classes[1]), since '\(classes[0])' is a word for none")
    }

    @Test(arguments: [
        (["LUSC", "LUAD"], "neither is a known word for none"), (["2", "1"], "neither is a known word for none"),
        (["normal", "benign"], "both are words for none"),
    ])
    func whereNothingSaysWhichClassIsThePositiveOneItIsAsked(found: [String], why: String) throws {
        let table = try read(found)
        let sorted = found.sorted()
        #expect(table.order.positive == nil && table.order.text == nil)
        #expect(table.problems.map(\.code) == [.usage])
        #expect(
            table.problems[0].message == "which class is the positive one, \(sorted[0]) or \(sorted[1])? \(why); "
                + "add one of these two lines to cohort"
        )
        #expect(table.problems[0].lines == sorted.map { "\"positive\": \"\($0)\"," })
        for (positive, other) in [(sorted[0], sorted[1]), (sorted[1], sorted[0])] {
            let said = try read(found, "\"positive\": \"\(positive)\"")
            #expect(said.problems.isEmpty && said.cohort.classes == [other, positive])
            #expect(said.order.text == "positive class: \(positive), since cohort.positive says so")
            let listed = try read(found, "\"classes\": [\"\(other)\", \"\(positive)\"]")
            #expect(listed.problems.isEmpty && listed.cohort == said.cohort)
            #expect(listed.order.positive == positive)
        }
        #expect(try read(found, #""positive": "other""#).problems.map(\.code) == [.usage])
    }

    @Test func ofMoreClassesTheOneThatMeansNoneComesFirstAndTheOrderIsSaid() throws {
        let nodes = try read(["micro", "negative", "macro", "itc"])
        #expect(nodes.problems.isEmpty && nodes.cohort.classes == ["negative", "itc", "macro", "micro"])
        #expect(nodes.order.positive == nil)
        #expect(
            nodes.order.text?.hasPrefix("classes in this order: negative, itc, macro, micro, since 'negative'") == true
        )
        let types = try read(["c", "b", "a"])
        #expect(types.problems.isEmpty && types.cohort.classes == ["a", "b", "c"])
        #expect(types.order.text?.contains("since labels go by the alphabet") == true)
        #expect(try read(["1", "0", "-1"]).cohort.classes == ["-1", "0", "1"])
        #expect(try read(["c", "b", "a"], #""positive": "b""#).cohort.classes == ["a", "c", "b"])
    }
}
