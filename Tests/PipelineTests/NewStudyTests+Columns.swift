import Files
import Records
import Testing

@testable import Pipeline

/// Columns that cannot be taken for what they seem to be, and what is said of them.
extension NewStudyTests {
    private func refusal(
        _ header: String,
        _ row: (Int) -> String,
        change: (inout NewStudy.Wishes) -> Void = { _ in }
    ) throws -> Failure {
        try #require(throws: Failure.self, "\(header)") { try study(header, rows(24, row), change: change) }
    }

    private func reason(_ study: NewStudy, _ key: String) -> String {
        study.choices.first { $0.key == key }?.reason ?? ""
    }

    /// As TCGA's clinical data resource names them.
    @Test(arguments: ["PFS", "DSS", "DFI", "PFI"])
    func anEndpointAndItsTimeAreSurvival(name: String) throws {
        for target in [nil, Target.Kind.survival] {
            let study = try study("slide_id,\(name),\(name).time", rows(24) { "s\($0),\($0 % 2),\(40 + $0)" }) {
                $0.target = target
            }
            #expect(value(study, "target") == .string("survival"))
            #expect(value(study, "columns") == .object(["time": .string("\(name).time"), "event": .string(name)]))
        }
    }

    @Test func ofSeveralEndpointsOneIsAskedFor() throws {
        let header = "slide_id,DSS,DSS.time,PFI,PFI.time"
        let row = { (index: Int) in "s\(index),\(index % 2),\(40 + index),\(index / 2 % 2),\(50 + index)" }
        let asked = try refusal(header, row) { $0.target = .survival }
        #expect(asked.message.contains("DSS.time with DSS, PFI.time with PFI"), "\(asked)")
        #expect(asked.message.hasSuffix("--time-column DSS.time --event-column DSS"), "\(asked)")
        let study = try study(header, rows(24, row)) { ($0.target, $0.timeColumn) = (.survival, "PFI.time") }
        #expect(value(study, "columns") == .object(["time": .string("PFI.time"), "event": .string("PFI")]))
    }

    @Test func whoIsCensoredIsNoEvent() throws {
        let row = { (index: Int) in "s\(index),\(40 + index),\(index % 2)" }
        let asked = try refusal("slide_id,survival_days,censorship", row) { $0.target = .survival }
        #expect(asked.subject == "--event-column" && asked.message.contains("opposite of an event"), "\(asked)")
    }

    /// As the Genomic Data Commons has them.
    @Test func timesInTwoColumnsAreToBeMadeOne() throws {
        let header = "slide_id,days_to_death,days_to_last_follow_up,vital_status"
        let row = { (index: Int) in
            index % 2 == 0 ? "s\(index),\(40 + index),,Dead" : "s\(index),,\(50 + index),Alive"
        }
        for target in [nil, Target.Kind.survival] {
            let asked = try refusal(header, row) { $0.target = target }
            #expect(asked.subject == "--time-column" && asked.message.contains("two columns"), "\(asked)")
            #expect(asked.message.contains("--label-column") == (target == nil), "\(asked)")
        }
        // Beside a label nobody has asked for them.
        let study = try study("\(header),label", rows(24) { "\(row($0)),\($0 % 3 == 0 ? "tumor" : "normal")" })
        #expect(value(study, "target") == nil)
    }

    @Test func severalColumnsOfYesAndNoMayBeLabels() throws {
        let row = { (index: Int) in "s\(index),\(index % 2),\(index / 2 % 2),\(index / 4 % 2)" }
        let open = try refusal("slide_id,ER,PR,HER2", row)
        #expect(open.message.contains("--target labels --label-column ER,PR,HER2"), "\(open)")
        let asked = try refusal("slide_id,ER,PR,HER2", row) { $0.target = .labels }
        #expect(
            asked.message
                == "which columns hold the labels? name each, as --label-column ER,PR,HER2; candidates are ER, PR, HER2"
        )
    }

    @Test func percentsAreNoClassesUnsaid() throws {
        let row = { (index: Int) in "s\(index),\(index % 4)%" }
        for target in [nil, Target.Kind.number] {
            let asked = try refusal("slide_id,label", row) { $0.target = target }
            #expect(asked.message.contains("percent sign, such as 0%"), "\(asked)")
        }
        let classes = try study("slide_id,label", rows(24, row)) { $0.target = .class }
        #expect(value(classes, "classes") != nil)
    }

    @Test(arguments: ["batch", "site", "scanner", "sex", "Hospital", "sourceCentre"])
    func whereASlideIsFromIsAskedUnsaidByNobody(name: String) throws {
        let row = { (index: Int) in "s\(index),\(index % 2 == 0 ? "a" : "normal")" }
        let asked = try refusal("slide_id,\(name)", row)
        #expect(asked.subject == "--label-column" && asked.message.hasSuffix("candidates are \(name)"), "\(asked)")
        let said = try study("slide_id,\(name)", rows(24, row)) { $0.labelColumns = [name] }
        #expect(value(said, "classes") != nil)
    }

    @Test(arguments: [
        ["I", "II", "IV", "IX"], ["G1", "G2", "G3"], ["1", "2", "3"], ["stage IA", "stage IB", "stage II"],
    ])
    func gradesKeepTheirOrderAndAreNoLackOfLesions(names: [String]) throws {
        let rows = rows(24) { "s\($0),\(names.reversed()[$0 % names.count])" }
        let classes = try study("slide_id,label", rows)
        #expect(value(classes, "classes") == .array(names.map { .string($0) }))
        let said = reason(classes, "classes")
        #expect(said.contains("--target ordinal") && !said.contains("lesions"), "\(said)")
        let grades = try study("slide_id,label", rows) { $0.target = .ordinal }
        #expect(value(grades, "classes") == .array(names.map { .string($0) }))
        #expect(!reason(grades, "classes").contains("lesions"))
    }

    @Test func otherClassesHaveNoGrades() throws {
        let study = try study("slide_id,label", rows(24) { "s\($0),\(["luad", "lusc", "normal"][$0 % 3])" })
        let said = reason(study, "classes")
        #expect(said.contains("'normal' counts as the one without lesions") && !said.contains("ordinal"), "\(said)")
    }
}
