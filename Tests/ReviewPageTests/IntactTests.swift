import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// The page shows nothing that is not what was written, and says what is older than its training.
@Suite struct IntactTests {
    private let bench: Bench
    private let file: URL

    init() throws {
        bench = try Bench()
        file = bench.layout.predictions.appending(path: "\(Bench.model)/\(Bench.name).h5")
        var outcome = Outcome(
            unit: UnitID(try bench.id()),
            stage: StageName("predict_\(Bench.model)"),
            status: .ok,
            fingerprint: Fingerprint(stage: "predict", parameters: [:], inputs: [:])
        )
        try outcome.record([file], in: bench.layout)
        try CanonicalJSON.write(outcome, to: bench.layout.outcome(stage: outcome.stage, outcome.unit))
    }

    private func flip() throws {
        var data = try Data(contentsOf: file)
        data[data.count / 2] ^= 1
        try AtomicFile.write(data, to: file)
    }

    private func slide(_ server: ReviewServer) async throws -> JSONValue {
        let path = "/api/slide?slide=\(Bench.name.escaped)&model=\(Bench.model)"
        let answer = try await Client.with(server) { try await $0.get(path) }
        try #require(answer.status == 200, "\(answer.text)")
        return try JSONDecoder().decode(JSONValue.self, from: answer.body)
    }

    @Test func aDamagedPredictionIsAProblemAndNotShown() async throws {
        #expect(try bench.job().problems.isEmpty)
        try flip()
        let job = try bench.job()
        #expect(job.problems.map(\.code) == [.digest])
        #expect(job.slides.map(\.forecasts.count) == [0])
        #expect(try await slide(bench.server())["forecast"] == nil)
    }

    @Test func aPredictionThatIsDamagedWhileThePageIsOpenIsNoLongerShown() async throws {
        let server = try bench.server()
        let digest = try bench.digest()
        try flip()
        let told = try await slide(server)
        #expect(told["forecast"] == nil && told["maps"] == .array([]))
        #expect(told["state"] == .string("failed"))
        #expect(told["reason"]?.string?.contains("is not what was written") == true)
        let overlay = "/overlay?slide=\(Bench.name.escaped)&model=\(Bench.model)&z=0&x=0&y=0&scale=absolute&map=0"
        let path = "\(overlay)&colours=dune&from=0&result=\(digest)"
        let answer = try await Client.with(server) { try await $0.get(path) }
        #expect(answer.status == 409)
    }

    @Test func whatIsToBeSaidOfAPredictionIsSaidWithIt() throws {
        let job = try ReviewJob(bench.layout, notes: [Bench.model: [bench.id(): "older than fold_0"]])
        #expect(job.slides.first?.forecasts[Bench.model]?.note == "older than fold_0")
    }

    @Test(arguments: ["+ve", "=1", "@home", "'quoted'"])
    func aClassThatASpreadsheetWouldRunHasItsOwnName(name: String) throws {
        for fold in 0...1 { try bench.writeFold(fold, ["-ve", name], [0.25, 0.75]) }
        let slide = try #require(try bench.job().slides.first)
        #expect(slide.label == name)
    }

    @Test func aDamagedTableOfAFoldTellsNothing() throws {
        let table = bench.layout.training.appending(path: "\(Bench.model)/fold_1/predictions.csv")
        var outcome = Outcome(
            unit: try UnitID("fold_1"),
            stage: StageName("train_\(Bench.model)"),
            status: .ok,
            fingerprint: Fingerprint(stage: "train", parameters: [:], inputs: [:])
        )
        try outcome.record([table], in: bench.layout)
        try CanonicalJSON.write(outcome, to: bench.layout.outcome(stage: outcome.stage, outcome.unit))
        #expect(try bench.job().problems.isEmpty)
        let text = try String(contentsOf: table, encoding: .utf8)
        try AtomicFile.write(text.replacing("0.875", with: "0.975"), to: table)
        let job = try bench.job()
        #expect(job.problems.map(\.code) == [.digest])
        #expect(job.slides.first?.forecasts[Bench.model]?.ranges == nil)
    }
}
