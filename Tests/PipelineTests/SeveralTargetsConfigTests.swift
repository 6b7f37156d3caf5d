import Config
import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

@Suite struct SeveralTargetsConfigTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func config(_ text: String) throws -> CohortConfig {
        try JSONDecoder().decode(CohortConfig.self, from: Data("{\"labels\": \"labels.csv\", \(text)}".utf8))
    }

    private static let os = #"{"name": "os", "kind": "survival", "time": "OS.time", "event": "OS"}"#
    private static let age = #"{"name": "age", "kind": "number", "weight": 0.5}"#

    @Test func aListOfOneIsThatTarget() throws {
        let single = try config(#""target": "survival", "columns": {"time": "OS.time", "event": "OS"}"#)
        #expect(try config("\"targets\": [\(Self.os)]") == single)
        #expect(try CanonicalJSON.line(config("\"targets\": [\(Self.os)]")) == CanonicalJSON.line(single))
    }

    @Test(arguments: [
        (#""targets": []"#, "a list of 1 to 100 objects"),
        ("\"targets\": [\(os), \(os)]", "two targets are called os"),
        ("\"target\": \"number\", \"targets\": [\(os), \(age)]", "with targets, this is told in each of them"),
        ("\"classes\": [\"a\", \"b\"], \"targets\": [\(os), \(age)]", "with targets, this is told in each of them"),
        (
            "\"columns\": {\"time\": \"t\"}, \"targets\": [\(os), \(age)]",
            "label, time, event and labels is told in each"
        ),
        (#""targets": [{"name": "g", "kind": "ordinal"}]"#, "the classes in their order are wanted"),
        (#""targets": [{"name": "g", "kind": "labels"}]"#, "labels, a list of columns, is wanted"),
        (#""targets": [{"name": "a/b", "kind": "number"}]"#, "a name of letters"),
        (#""targets": [{"name": "a.b", "kind": "number"}]"#, "a name of letters"),
        (#""targets": [{"name": "hard", "kind": "number"}]"#, "maps have rows of such a name"),
        (#""targets": [{"name": "class_1", "kind": "number"}]"#, "maps have rows of such a name"),
        (#""targets": [{"name": "a", "kind": "number", "time": "t"}]"#, "has no such key"),
        (#""targets": [{"name": "a", "kind": "number", "weight": 0}]"#, "a number above 0"),
        (#""targets": [{"name": "a"}]"#, "this key is required"),
    ])
    func whatContradictsIsRefused(text: String, wanted: String) throws {
        let error = #expect(throws: ConfigError.self) { try config(text) }
        #expect(error?.message.contains(wanted) == true, "\(error?.message ?? "")")
    }

    @Test func everyTargetHasItsOwnHolesAndASlideWithoutAnyIsLeftOut() throws {
        let file = try scratch.add(
            "labels.csv",
            "slide_id,case_id,OS.time,OS,age\na,p,412,1,50\nb,q,NA,0,61\nc,r,3,0,\nd,s,,,NA\n"
        )
        let table = LabelTable(file, config: try config("\"targets\": [\(Self.os), \(Self.age)]"))
        #expect(table.problems.isEmpty && table.cohort.kind == .survival && table.cohort.classes == ["days"])
        #expect(table.cohort.targets?.map(\.name) == ["os", "age"] && table.cohort.targets?[1].weight == 0.5)
        #expect(
            table.cohort.slides.map(\.target) == [
                .several([.survival(SurvivalTime(412, isEvent: true)), .number(50)]), .several([nil, .number(61)]),
                .several([.survival(SurvivalTime(3, isEvent: false)), nil]),
            ]
        )
        #expect(table.slides(.unlabelled).map(\.text) == ["d"])
        #expect(table.notes.contains { $0.hasSuffix("know none of the targets and are left out: d") })
        #expect(table.notes.contains("target os: known of 2 of 3 slides"))
        #expect(table.notes.contains("target age: known of 2 of 3 slides"))
    }

    @Test func aSlipIsSaidOnceAndTheKeyOfATargetIsNamed() throws {
        let file = try scratch.add("labels.csv", "slide_id,age,kind\na,old,x\nb,4,y\n")
        let table = LabelTable(
            file,
            config: try config(#""targets": [{"name": "age", "kind": "number"}, {"name": "kind", "kind": "class"}]"#)
        )
        #expect(table.problems.count { $0.message.contains("a number is wanted") } == 1)
        #expect(table.problems.contains { $0.file == "cohort.targets[1].positive" })
    }
}
