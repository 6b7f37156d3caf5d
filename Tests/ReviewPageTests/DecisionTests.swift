import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// Reviewers' words outlive the server and each other.
@Suite struct DecisionTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private var file: URL { bench.layout.decisions.appending(path: "\(Bench.name).jsonl") }
    private var log: DecisionLog { DecisionLog(bench.layout) }

    private func draft(_ reviewer: String, _ verdict: String = "agree", text: String = "", marks: String = "[]")
        -> String
    {
        let shown = (try? bench.digest()).map { #", "model": "acmil", "digest": "\#($0)""# } ?? ""
        return
            #"{"slide": "\#(Bench.name)", "reviewer": "\#(reviewer)", "verdict": "\#(verdict)", "text": "\#(text)", "#
            + #""marks": \#(marks)\#(shown)}"#
    }

    private func post(
        _ body: String,
        to server: ReviewServer,
        slide: String = Bench.name,
        headers: [String: String] = ["Content-Type": "application/json"]
    ) async throws -> Int {
        try await Client.with(server) { client in
            let own = headers.mapValues { $0.replacing("PORT", with: "\(client.port)") }
            return try await client.post("/api/decision?slide=\(slide.escaped)", body, headers: own).status
        }
    }

    private func saved() throws -> [Decision] { try log.decisions(of: bench.id()) }

    @Test func aSavedDecisionIsThereForTheNextServerWithWhoAndWhen() async throws {
        let before = Date().addingTimeInterval(-1)
        let marks = #"[{"x": 10, "y": 20.5}, {"x": 1, "y": 2, "width": 30, "height": 40, "note": "focus"}]"#
        let body = draft("  Dr. Ö  ", "disagree", text: #"a \"focus\"\nwas missed"#, marks: marks)
        #expect(try await post(body, to: bench.server()) == 200)
        #expect(try await post(draft("B", "unsure"), to: bench.server()) == 200)
        let decisions = try saved()
        #expect(decisions.map(\.reviewer) == ["Dr. Ö", "B"])
        let first = try #require(decisions.first)
        #expect(first.verdict == .disagree && first.text == "a \"focus\"\nwas missed" && first.model == "acmil")
        #expect(first.marks == [.init(x: 10, y: 20.5), .init(x: 1, y: 2, width: 30, height: 40, note: "focus")])
        let time = try Date(first.time, strategy: .iso8601)
        #expect(time >= before && time <= Date())
    }

    @Test func reviewersDoNotOverwriteEachOtherAndNothingIsForgotten() async throws {
        let server = try bench.server()
        for (reviewer, verdict) in [("A", "agree"), ("B", "disagree"), ("A", "unsure")] {
            #expect(try await post(draft(reviewer, verdict), to: server) == 200)
        }
        #expect(try saved().map(\.verdict) == [.agree, .disagree, .unsure])
        #expect(try saved().latest.map { "\($0.reviewer) \($0.verdict)" } == ["B disagree", "A unsure"])
    }

    @Test func decisionsThatArriveTogetherAreAllKept() async throws {
        try await Client.with(bench.server()) { first in
            try await Client.with(bench.server()) { second in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<60 {
                        let body = draft("R\(number)", text: String(repeating: "x", count: number * 100))
                        group.addTask {
                            try await (number % 2 == 0 ? first : second).post(
                                "/api/decision?slide=\(Bench.name.escaped)",
                                body,
                                headers: ["Content-Type": "application/json"]
                            ).status
                        }
                    }
                    for try await status in group { #expect(status == 200) }
                }
            }
        }
        #expect(Set(try saved().map(\.reviewer)) == Set((0..<60).map { "R\($0)" }))
        #expect(try saved().count == 60)
    }

    @Test func aLineThatACrashCutShortCostsNoOther() async throws {
        #expect(try await post(draft("A"), to: bench.server()) == 200)
        let whole = try Data(contentsOf: file)
        try (whole + whole.prefix(whole.count / 2)).write(to: file)
        #expect(try saved().map(\.reviewer) == ["A"])
        #expect(try await post(draft("B"), to: bench.server()) == 200)
        #expect(try saved().map(\.reviewer) == ["A", "B"])
        #expect(try Data(contentsOf: file).starts(with: whole), "what was there is never touched")
    }

    @Test(arguments: [
        #""reviewer": "", "verdict": "unsure", "text": "", "marks": []"#,
        #""reviewer": "A\nB", "verdict": "unsure", "text": "", "marks": []"#,
        #""reviewer": "A", "verdict": "maybe", "text": "", "marks": []"#,
        #""reviewer": "A", "verdict": "agree", "text": "", "marks": []"#,
        #""reviewer": "A", "verdict": "read", "text": "", "marks": []"#,
        #""reviewer": "A", "verdict": "read", "class": "unheard of", "text": "", "marks": []"#,
        #""reviewer": "\u200b", "verdict": "unsure", "text": "", "marks": []"#,
        #""reviewer": "A", "verdict": "unsure", "class": "normal", "text": "", "marks": []"#,
        #""reviewer": "A", "verdict": "unsure", "text": "", "marks": [{"x": 1e300, "y": 0}]"#,
        #""reviewer": "A", "verdict": "unsure", "text": "", "marks": [{"x": 1, "y": 0, "width": 5}]"#,
        #""reviewer": "A", "verdict": "unsure", "text": "", "marks": [{"x": 1, "y": 0, "width": -5, "height": 5}]"#,
        #""reviewer": "A", "verdict": "unsure", "text": "", "marks": [{"x": 1, "y": 0, "points": [[1, 2], [3, 4]]}]"#,
        #""reviewer": "A", "verdict": "unsure", "text": "", "marks": [{"x": 1, "y": 0, "points": [[1], [2], [3]]}]"#,
        #""reviewer": "A", "verdict": "unsure", "text": "", "marks": [{"x": 1, "y": 0, "class": "unheard of"}]"#,
    ])
    func whatIsNoDecisionIsRefusedAndNotKept(body: String) async throws {
        // Without a prediction, which a decision would have to name.
        try FileManager.default.removeItem(at: bench.layout.predictions)
        let whole = #"{"slide": "\#(Bench.name)", \#(body)}"#
        #expect(try await post(whole, to: bench.server()) == 400)
        #expect(try await post("no JSON", to: bench.server()) == 400)
        #expect(try saved().isEmpty)
    }

    @Test func onlyThisPageMaySave() async throws {
        let server = try bench.server()
        let foreign = ["Content-Type": "application/json", "Origin": "http://attacker.example"]
        #expect(try await post(draft("A"), to: server, headers: foreign) == 403)
        #expect(try await post(draft("A"), to: server, headers: ["Content-Type": "text/plain"]) == 403)
        let own = ["Content-Type": "application/json", "Origin": "http://localhost:PORT"]
        #expect(try await post(draft("A"), to: server, headers: own) == 200)
        #expect(try await post(draft("A"), to: server, slide: "../../x") == 404)
        #expect(try saved().count == 1)
    }

    @Test func theExportIsATableOfAllAndMarksForQuPathCountedFromTheBounds() async throws {
        let server = try bench.server()
        let marks = #"[{"x": 300, "y": 250}, {"x": 1100, "y": 550, "width": 30, "height": 40, "note": "focus"}]"#
        #expect(try await post(draft("A", marks: #"[{"x": 1, "y": 1}]"#), to: server) == 200)
        #expect(try await post(draft("A", "disagree", text: "=1+1, really", marks: marks), to: server) == 200)
        let folder = bench.root.appending(path: "export")
        #expect(try DecisionExport.write(bench.job(), to: folder) == 2)
        let table = try Table(contentsOf: folder.appending(path: "decisions.csv"))
        #expect(table.rows.map { $0["latest"] } == ["no", "yes"])
        #expect(table.rows.map { $0["slide_id"] } == [Bench.name, Bench.name])
        #expect(table.rows[1]["text"] == "'=1+1, really", "a spreadsheet must not run it")
        let url = folder.appending(path: "\(Bench.name).geojson")
        guard case .array(let features) = try CanonicalJSON.read(JSONValue.self, from: url)["features"] else {
            Issue.record("no features")
            return
        }
        #expect(features.count == 2, "the last word alone")
        #expect(
            features[0]["geometry"]
                == .object([
                    "type": .string("Point"), "coordinates": .array([.number(200), .number(200)]),
                ])
        )
        guard case .array(let rings) = features[1]["geometry"]?["coordinates"], case .array(let ring) = rings[0] else {
            Issue.record("no ring")
            return
        }
        let corners = [(1000.0, 500.0), (1030, 500), (1030, 540), (1000, 540), (1000, 500)]
        #expect(ring == corners.map { .array([.number($0.0), .number($0.1)]) })
        #expect(features[1]["properties"]?["wsi_origin"] == .string("bounds"))
        #expect(features[1]["properties"]?["objectType"] == .string("annotation"))
        #expect(features[1]["properties"]?["classification"]?["name"] == .string("disagree"))
    }
}
