import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// A decision stays with the slide and the result that its reader had before them.
@Suite struct ResultTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func saved() throws -> [Decision] { try DecisionLog(bench.layout).decisions(of: bench.id()) }

    private func body(_ members: [String: JSONValue]) throws -> String {
        let usual: [String: JSONValue] = [
            "slide": .string(Bench.name), "reviewer": .string("A"), "verdict": .string("agree"), "text": .string(""),
            "marks": .array([]),
        ]
        return String(decoding: try CanonicalJSON.line(usual.merging(members) { $1 }), as: UTF8.self)
    }

    private func post(_ members: [String: JSONValue], _ client: Client, query: String = "") async throws
        -> Client.Answer
    {
        try await client.post(
            "/api/decision?slide=\(Bench.name.escaped)\(query)",
            body(members),
            headers: ["Content-Type": "application/json"]
        )
    }

    private func json(_ path: String, _ client: Client) async throws -> JSONValue {
        let answer = try await client.get(path)
        try #require(answer.status == 200, "\(path): \(answer.text)")
        return try JSONDecoder().decode(JSONValue.self, from: answer.body)
    }

    private var slide: String { "/api/slide?slide=\(Bench.name.escaped)&model=\(Bench.model)" }

    @Test func aDecisionStoresWhatWasShown() async throws {
        let digest = try bench.digest()
        try await Client.with(bench.server()) { client in
            let answer = try await post(
                ["model": .string(Bench.model), "digest": .string(digest), "map": .string("disagreement")],
                client
            )
            #expect(answer.status == 200, "\(answer.text)")
        }
        let one = try #require(try saved().first)
        #expect(one.model == Bench.model && one.digest == digest && one.map == "disagreement")
        #expect(one.called == Bench.classes[1] && one.threshold == 0.4)
        #expect(one.probabilities == [Bench.classes[0]: 0.25, Bench.classes[1]: 0.75])
        #expect(one.kind == nil && one.isBlinded == nil && one.className == nil)
    }

    @Test func aWordThatContradictsItselfIsRefused() async throws {
        let shown: [String: JSONValue] = ["model": .string(Bench.model), "digest": .string(try bench.digest())]
        let (normal, tumor) = (JSONValue.string(Bench.classes[0]), JSONValue.string(Bench.classes[1]))
        try await Client.with(bench.server()) { client in
            for members: [String: JSONValue] in [
                ["verdict": .string("agree"), "class": normal], ["verdict": .string("disagree"), "class": tumor],
                ["verdict": .string("unsure"), "class": normal], ["verdict": .string("read"), "class": normal],
            ] {
                let answer = try await post(shown.merging(members) { $1 }, client)
                #expect(answer.status == 400, "\(answer.text)")
            }
            // Without the result that is there, nothing can be read as if there were none.
            #expect(try await post(["verdict": .string("read"), "class": normal], client).status == 409)
            let sealed = try await post(
                ["verdict": .string("unsure"), "kind": .string("adjudication")],
                client,
                query: "&blinded=1"
            )
            #expect(sealed.status == 400)
        }
        #expect(try saved().isEmpty)
    }

    @Test func aReaderIsOneHoweverTheNameIsWritten() async throws {
        let digest = try bench.digest()
        try await Client.with(bench.server(reading: ReadingPlan(isBlinded: true))) { client in
            let read: [String: JSONValue] = [
                "reviewer": .string("Ann"), "verdict": .string("read"), "class": .string("normal"),
            ]
            #expect(try await post(read, client).status == 200)
            let told = try await json("\(slide)&reader=%20ann%E2%80%8B", client)
            #expect(told["sealed"] == .bool(false))
            let given: [String: JSONValue] = [
                "reviewer": .string("ANN"), "model": .string(Bench.model), "digest": .string(digest),
            ]
            #expect(try await post(given, client).status == 200)
            // Said again as a browser does whose answer was lost.
            #expect(try await post(given, client).status == 200)
            let reviews = try await json("/api/worklist?reader=Ann", client)["slides"]?[0]?["reviews"]
            #expect(reviews?[0]?["verdict"] == .string("agree") && reviews?[1] == nil, "one reader, one word")
        }
        #expect(try saved().map(\.reviewer) == ["Ann", "ANN"])
        #expect(try saved().latest.count == 1)
    }

    @Test func whatCannotBeReadIsSaid() throws {
        let folder = bench.layout.decisions
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let good =
            #"{"marks":[],"reviewer":"A","slide":"\#(Bench.name)","text":"","time":"2026-01-01T00:00:00Z","verdict":"unsure"}"#
        try Data("\(good)\n{\"half\n[]\n".utf8).write(to: folder.appending(path: "\(Bench.name).jsonl"))
        try Data("\(good)\n".utf8).write(to: folder.appending(path: "gone.jsonl"))
        let lines = DecisionLog(bench.layout).leftOut(slides: [try bench.id()])
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("2 of 3 lines of review/decisions/\(Bench.name).jsonl") == true, "\(lines)")
        #expect(lines.last == "review/decisions/gone.jsonl is of no slide of this job and left out")
    }

    @Test func whatIsNotWhatIsServedIsAConflictAndNotKept() async throws {
        let digest = try bench.digest()
        try await Client.with(bench.server()) { client in
            for members: [String: JSONValue] in [
                ["slide": .string("S2"), "model": .string(Bench.model), "digest": .string(digest)],
                ["model": .string(Bench.model)],
                ["model": .string(Bench.model), "digest": .string("another")],
                ["model": .string("other"), "digest": .string(digest)],
                ["model": .string(Bench.model), "digest": .string(digest), "map": .string("no such map")],
                ["digest": .string(digest), "verdict": .string("unsure")],
            ] {
                let answer = try await post(members, client)
                #expect(answer.status == 409 && answer.text.hasPrefix("not saved: "), "\(answer.text)")
            }
        }
        #expect(try saved().isEmpty)
    }

    @Test func afterARetrainingARunningServerShowsTheNewResultAndTheOldDecisionAsOlder() async throws {
        let old = try bench.digest()
        try await Client.with(bench.server()) { client in
            let given: [String: JSONValue] = ["model": .string(Bench.model), "digest": .string(old)]
            #expect(try await post(given, client).status == 200)
            let before = try await json(slide, client)
            #expect(before["decisions"]?[0]?["standing"] == .string("current"))
            let version = try await json("/api/worklist", client)["version"]
            try bench.writePrediction(probabilities: [0.875, 0.125])
            let new = try bench.digest()
            let after = try await json(slide, client)
            #expect(after["digest"] == .string(new) && after["forecast"]?["called"] == .number(0))
            #expect(after["decisions"]?[0]?["standing"] == .string("older"))
            let list = try await json("/api/worklist", client)
            #expect(list["version"] != version)
            #expect(list["slides"]?[0]?["reviews"]?[0]?["standing"] == .string("older"))
            // Nothing of the old result is served beside the new one.
            let overlay =
                "/overlay?slide=\(Bench.name.escaped)&model=\(Bench.model)&z=0&x=0&y=0&map=0&colours=dune&from=0"
            #expect(try await client.get("\(overlay)&result=\(old)").status == 409)
            #expect(try await client.get("\(overlay)&result=\(new)").status == 200)
            #expect(try await post(given, client).status == 409)
            #expect(try saved().count == 1)
        }
    }

    @Test func theSameResultMadeAgainIsTheSame() throws {
        let digest = try bench.digest()
        try bench.writePrediction()
        #expect(try bench.digest() == digest)
        try bench.writePrediction(probabilities: [0.25, 0.7500001])
        #expect(try bench.digest() != digest)
    }

    @Test func linesOfBeforeAreReadAsGivenForAnUnknownResult() async throws {
        let line =
            #"{"marks":[{"x":1,"y":2}],"model":"acmil","reviewer":"A","slide":"\#(Bench.name)","text":"t","time":"2026-01-01T00:00:00Z","#
            + #""verdict":"agree"}"#
        let file = bench.layout.decisions.appending(path: "\(Bench.name).jsonl")
        try FileManager.default.createDirectory(at: bench.layout.decisions, withIntermediateDirectories: true)
        try Data((line + "\n").utf8).write(to: file)
        try await Client.with(bench.server()) { client in
            let told = try await json(slide, client)
            #expect(told["decisions"]?[0]?["standing"] == .string("unknown"))
            #expect(told["decisions"]?[0]?["verdict"] == .string("agree"))
        }
    }
}
