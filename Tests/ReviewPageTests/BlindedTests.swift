import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// Who reads blinded is told nothing that a model or another reader has said until their first opinion is saved.
@Suite struct BlindedTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func saved() throws -> [Decision] { try DecisionLog(bench.layout).decisions(of: bench.id()) }
    private var name: String { "slide=\(Bench.name.escaped)" }

    private func post(_ body: String, _ client: Client) async throws -> Client.Answer {
        try await client.post("/api/decision?\(name)&reader=A", body, headers: ["Content-Type": "application/json"])
    }

    /// Everything that a page may ask for while a slide is sealed.
    private func answers(_ client: Client, _ sight: String) async throws -> [(path: String, answer: Client.Answer)] {
        let maps = "\(name)&model=acmil&map=0&z=0&x=0&y=0&colours=dune&from=0&scale=absolute"
        var all: [(String, Client.Answer)] = []
        for path in [
            "/api/worklist?", "/api/slide?\(maps)", "/overlay?\(maps)", "/uncovered?\(maps)", "/api/top?\(maps)",
            "/api/values?\(maps)", "/export/decisions.csv?", "/export/marks.geojson?\(name)",
        ] { all.append((path, try await client.get("\(path)&\(sight)"))) }
        return all
    }

    @Test(arguments: [true, false]) func nothingWithheldLeavesTheServer(everyone: Bool) async throws {
        let other = try Decision(
            JSONDecoder().decode(
                Decision.Draft.self,
                from: Data(
                    #"{"slide": "", "reviewer": "Beatrix", "verdict": "agree", "text": "SECRET", "marks": [{"x": 77777, "y": 1}]}"#
                        .utf8
                )
            ),
            of: bench.id(),
            shown: (Bench.model, #require(bench.job().slides[0].forecasts[Bench.model])),
            isBlinded: false,
            classes: Bench.classes,
            at: Date()
        )
        try DecisionLog(bench.layout).append(other)
        let digest = try bench.digest()
        try await Client.with(bench.server(reading: ReadingPlan(isBlinded: everyone))) { client in
            let sight = everyone ? "reader=A" : "reader=A&blinded=1"
            for (path, answer) in try await answers(client, sight) {
                let isMap = ["/overlay", "/uncovered", "/api/top", "/api/values"].contains { path.hasPrefix($0) }
                #expect(answer.status == (isMap ? 403 : 200), "\(path): \(answer.status)")
                let text = answer.text
                for secret in ["0.75", "Beatrix", "SECRET", "77777", digest, "\"label\"", "\"threshold\""] {
                    #expect(!text.contains(secret), "\(path) holds \(secret)")
                }
            }
            let shown =
                #"{"slide": "\#(Bench.name)", "reviewer": "A", "text": "", "marks": [], "verdict": "agree","#
                + #" "model": "acmil", "digest": "\#(digest)"}"#
            if everyone { #expect(try await post(shown, client).status == 409) }
            #expect(try saved().count == 1)
            let read =
                #"{"slide": "\#(Bench.name)", "reviewer": " A ", "text": "", "marks": [], "verdict": "read", "class": "normal"}"#
            let address = "/api/decision?\(name)&\(sight)"
            let first = try await client.post(address, read, headers: ["Content-Type": "application/json"])
            #expect(first.status == 200, "\(first.text)")
            // Now that it is said, the result may be seen and judged; both opinions are kept in their order.
            for (path, answer) in try await answers(client, sight) where !path.hasPrefix("/uncovered") {
                #expect(answer.status == 200, "\(path)")
            }
            #expect(try await client.get("/api/slide?\(name)&model=acmil&\(sight)").text.contains("Beatrix"))
            let second = try await client.post(address, shown, headers: ["Content-Type": "application/json"])
            #expect(second.status == 200, "\(second.text)")
            // Another reader is still blinded.
            let others = sight.replacing("reader=A", with: "reader=C")
            #expect(try await !client.get("/api/slide?\(name)&model=acmil&\(others)").text.contains("Beatrix"))
        }
        let own = try saved().filter { $0.reviewer == "A" }
        #expect(own.map(\.isBlinded) == [true, nil] && own.map(\.verdict) == [.read, .agree])
        #expect(own[0].className == "normal" && own[0].digest == nil && own[1].digest == digest)
    }
}
