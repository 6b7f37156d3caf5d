import Foundation
import Records
import Testing

@testable import ReviewPage

/// What a reader has begun, in a real browser: a word that the server does not take, and an area that is not closed.
@Suite(.serialized) struct UnfinishedTests {
    private let bench: Bench

    init() throws {
        bench = try Bench()
        try bench.addSlide("S2")
    }

    private func inViewer(_ body: (Browser) async throws -> Void) async throws {
        let review = try RunningReview(bench.layout.root)
        let browser = try await Browser.open()
        do {
            try await browser.go(to: review.address)
            try await browser.wait("document.body.dataset.ready === 'yes'")
            try await browser.press("\u{E007}")
            try await browser.wait("document.getElementById('viewer').dataset.slide !== undefined")
            try await body(browser)
        } catch {
            try await browser.close()
            throw error
        }
        try await browser.close()
    }

    private func text(_ id: String) -> String { "document.getElementById('\(id)').textContent" }

    @Test func aWordThatTheServerDoesNotTakeIsSaidAndSentAgain() async throws {
        try await inViewer { browser in
            // Time goes fifty times as fast, and the server takes nothing.
            try await browser.run(
                """
                const [wait, ask] = [setTimeout, fetch];
                window.setTimeout = (act, time, ...rest) => wait(act, time >= 10000 ? time / 50 : time, ...rest);
                window.hangs = true;
                window.fetch = (url, settings) => settings?.method !== "POST" || !window.hangs ? ask(url, settings)
                  : new Promise((_, fail) => settings.signal.addEventListener("abort", () => fail(settings.signal.reason)));
                const write = (id, value, event) => {
                  document.getElementById(id).value = value;
                  document.getElementById(id).dispatchEvent(new Event(event));
                };
                write("reviewer", "Ada", "change");
                """
            )
            try await browser.wait("document.getElementById('viewer').dataset.state === 'open'")
            try await browser.run(
                """
                document.getElementById("words").value = "kept";
                document.getElementById("words").dispatchEvent(new Event("input"));
                document.querySelector("#verdicts button").click();
                document.getElementById("save").click();
                """
            )
            try await browser.wait("\(text("save-state")).startsWith('NOT SAVED: the server does not answer')")
            #expect(try await browser.value("document.getElementById('words').value") as? String == "kept")
            let name = try #require(
                try await browser.value("document.getElementById('viewer').dataset.slide") as? String
            )
            let slide = try SlideID(name)
            #expect(try DecisionLog(bench.layout).decisions(of: slide).isEmpty)
            try await browser.run("window.hangs = false")
            try await browser.wait("\(text("save-state")).startsWith('saved')")
            #expect(try DecisionLog(bench.layout).decisions(of: slide).map(\.text) == ["kept"])
        }
    }

    @Test func anAreaThatIsNotClosedIsLeftOnlyByWhoAsksTwice() async throws {
        try await inViewer { browser in
            let slide = "document.getElementById('viewer').dataset.slide"
            let first = try #require(try await browser.value(slide) as? String)
            try await browser.press("g")
            try await browser.drag(from: (500, 400), to: (500, 400))
            try await browser.press("n")
            #expect(
                (try await browser.value(text("tool-hint")) as? String)?.hasPrefix("The polygon is not closed") == true
            )
            #expect(try await browser.value(slide) as? String == first)
            try await browser.press("n")
            try await browser.wait("\(slide) !== undefined && \(slide) !== \(try Self.quoted(first))")
            #expect(try await browser.value("document.getElementById('notices') === null") as? Bool == true)
            // The browser's own way back asks nobody.
            try await browser.press("g")
            try await browser.drag(from: (500, 400), to: (500, 400))
            try await browser.run("history.back()")
            try await browser.wait("\(text("notices")).includes('half drawn is not kept')")
        }
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
}
