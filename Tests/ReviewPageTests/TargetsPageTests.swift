import Evaluation
import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// A job with models that ask different things, one of which asks several.
@Suite(.serialized) struct TargetsPageTests {
    private static let graded = "graded"
    private let bench: Bench

    init() throws {
        bench = try Bench()
        let name = "\(Bench.name).h5"
        var file = try PredictionFile(contentsOf: bench.layout.predictions.appending(path: "\(Bench.model)/\(name)"))
        (file.model, file.classes) = (Self.graded, ["low", "high"])
        file.prediction.answer = .class(ClassAnswer([0.125, 0.875], threshold: nil))
        let months = Question(name: "outcome", kind: .number, classes: ["months"])
        let further = FurtherAnswer(months, answer: .number(NumberAnswer(17)), folds: nil)
        file.attributes.merge(try PredictionFile.attributes(target: "grade", further: [further])) { $1 }
        try file.write(to: bench.layout.predictions.appending(path: "\(Self.graded)/\(name)"))
        // The slide is of the first class here, and of the second for the other model.
        let judged = Judged(caseID: "", target: .class(0), answer: .class(ClassAnswer([0.125, 0.875])))
        let row = FoldPredictions.Row(slide: try bench.id(), part: "test", judged: judged)
        let folder = bench.layout.training.appending(path: "\(Self.graded)/fold_0")
        try AtomicFile.createFolder(folder)
        try FoldPredictions(classes: ["low", "high"], rows: [row]).write(to: folder)
    }

    @Test func aLabelIsThatOfTheModelWhoseAnswerIsShown() throws {
        let slide = try #require(try bench.job().slides.first)
        #expect(slide.forecasts[Bench.model]?.label == Bench.classes[1])
        #expect(slide.forecasts[Self.graded]?.label == "low")
        // What models do not agree on belongs to none of them.
        #expect(slide.label == nil)
        try FileManager.default.removeItem(at: bench.layout.training.appending(path: Self.graded))
        let alone = try #require(try bench.job().slides.first)
        #expect(alone.label == Bench.classes[1] && alone.forecasts[Self.graded]?.label == nil)
    }

    @Test func thePageNamesTheTargetOfWhatItShows() async throws {
        let review = try RunningReview(bench.layout.root)
        let browser = try await Browser.open()
        do {
            try await browser.go(to: review.address)
            try await browser.wait("document.body.dataset.ready === 'yes'")
            for (model, label, head) in [
                (Self.graded, "low", "Slide|Label (grade)|Prediction (grade)|"),
                (Bench.model, Bench.classes[1], "Slide|Label|Prediction|"),
            ] {
                try await choose(model, browser)
                let cell = "document.querySelector('#slides tbody td[data-name=Label]').textContent"
                try await browser.wait("\(cell) === \(String(decoding: try CanonicalJSON.line(label), as: UTF8.self))")
                let heads =
                    "[...document.querySelectorAll('#slides thead th button')].map(one => one.textContent).join('|')"
                #expect((try await browser.value(heads) as? String)?.hasPrefix(head) == true)
            }
            try await choose(Self.graded, browser)
            let id = String(decoding: try CanonicalJSON.line(Bench.name), as: UTF8.self)
            try await browser.run("location.hash = '#/slide/' + encodeURIComponent(\(id))")
            try await browser.wait("document.getElementById('viewer').dataset.slide === \(id)")
            let shown = try await browser.value("document.getElementById('slide-label').textContent") as? String
            #expect(shown == "label (grade): low")
            let told = try await browser.value("document.getElementById('forecast').textContent") as? String ?? ""
            for words in ["model \(Self.graded)", "target grade", "outcome"] {
                #expect(told.contains(words), "\(told)")
            }
            let complaints = try await browser.complaints()
            #expect(complaints == [], "\(complaints)")
        } catch {
            try await browser.close()
            throw error
        }
        try await browser.close()
    }

    private func choose(_ model: String, _ browser: Browser) async throws {
        try await browser.run(
            "const list = document.getElementById('list-model'); list.value = '\(model)'; list.dispatchEvent(new Event('change'))"
        )
    }
}
