import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline

@Suite struct PlainLabelsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func read(_ table: String, _ config: String) throws -> LabelTable {
        LabelTable(
            try scratch.add("labels.csv", table),
            config: try JSONDecoder().decode(
                CohortConfig.self,
                from: Data("{\"labels\": \"labels.csv\", \(config)}".utf8)
            )
        )
    }

    @Test func survivalIsReadFromTimesAndEvents() throws {
        let table = try read(
            "slide_id,case_id,OS.time,OS\na,p,412,1\nb,q,0.5,0\nc,r,NA,1\nd,s,3,dead\ne,t,4,0:LIVING\n",
            #""target": "survival""#
        )
        #expect(
            table.problems.isEmpty && table.cohort.classes == ["days"] && table.slides(.unlabelled).map(\.text) == ["c"]
        )
        let times = table.cohort.slides.compactMap(\.target.survival)
        #expect(times.map(\.time) == [412, 0.5, 3, 4] && times.map(\.isEvent) == [true, false, true, false])
    }

    @Test(arguments: [
        ("a,p,0,1", "a time above 0"), ("a,p,-3,1", "a time above 0"), ("a,p,3,2", "1 for an event"),
        ("a,p,3,perhaps", "1 for an event"), ("a,p,1e999,1", "a time above 0"),
    ])
    func aTimeThatIsNoneIsNamedWithItsLine(row: String, wanted: String) throws {
        let table = try read("slide_id,case_id,time,event\nx,y,5,1\n\(row)\n", #""target": "survival""#)
        let problem = try #require(table.problems.first)
        #expect(problem.line == 3 && problem.message.contains(wanted))
    }

    @Test func slidesOfACaseHaveOneTime() throws {
        let table = try read("slide_id,case_id,time,event\na,p,5,1\nb,p,6,1\n", #""target": "survival""#)
        #expect(table.problems.first?.message.contains("all slides of a case have one time") == true)
    }

    @Test func whoIsCensoredIsNoEvent() throws {
        let table = try read(
            "slide_id,case_id,time,censorship\na,p,5,1\n",
            #""target": "survival", "columns": {"event": "censorship"}"#
        )
        #expect(table.problems.first?.message.contains("tells who is censored") == true)
    }

    @Test func labelsMayBeUnknown() throws {
        let config = #""target": "labels", "columns": {"labels": ["TP53", "KRAS"]}"#
        let table = try read("slide_id,TP53,KRAS\na,1,\nb,no,mutated\nc,,NA\n", config)
        #expect(table.problems.isEmpty && table.cohort.classes == ["TP53", "KRAS"])
        #expect(table.cohort.slides.map(\.target) == [.labels([true, nil]), .labels([false, true])])
        #expect(table.slides(.unlabelled).map(\.text) == ["c"])
        let slip = try read("slide_id,TP53,KRAS\na,1,3\n", config)
        #expect(slip.problems.first?.message.hasPrefix("KRAS of 'a' is '3'") == true)
        #expect(try read("slide_id,TP53\na,1\n", config).problems.first?.message.contains("KRAS") == true)
    }

    @Test func numbersAreNumbers() throws {
        let config = #""target": "number", "columns": {"label": "score"}"#
        let table = try read("slide_id,score\na,1.5\nb,-2e3\nc,NA\n", config)
        #expect(
            table.cohort.slides.map(\.target) == [.number(1.5), .number(-2000)] && table.cohort.classes == ["score"]
        )
        #expect(
            try read("slide_id,score\na,high\n", config).problems.first?.message.contains("a number is wanted") == true
        )
    }

    @Test func gradesStandInTheOrderThatIsGiven() throws {
        let config = #""target": "ordinal", "classes": ["low", "mid", "high"]"#
        let table = try read("slide_id,label\na,high\nb,low\nc,mid\n", config)
        #expect(table.problems.isEmpty)
        #expect(table.cohort.slides.map(\.target) == [.ordinal(2), .ordinal(0), .ordinal(1)])
        #expect(throws: (any Error).self) { try read("slide_id,label\na,1\n", #""target": "ordinal""#) }
    }

    @Test(arguments: [
        #""target": "number", "positive": "x""#, #""target": "labels""#,
        #""target": "survival", "classes": ["a", "b"]"#,
        #""target": "mood""#,
    ])
    func keysThatDoNotGoTogetherAreRefused(config: String) {
        #expect(throws: (any Error).self) { try read("slide_id,label\na,1\n", config) }
    }
}
