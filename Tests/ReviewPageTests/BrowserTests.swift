import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import ReviewPage

/// The page in a real browser; screenshots are left in `artefacts/`.
@Suite(.serialized) struct BrowserTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let artefacts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../artefacts").standardizedFileURL

    private func withBrowser(_ body: (Browser) async throws -> Void) async throws {
        let browser = try await Browser.open()
        do { try await body(browser) } catch {
            if let picture = try? await browser.screenshot() { try? keep(picture, "review-failure") }
            try await browser.close()
            throw error
        }
        try await browser.close()
    }

    private func keep(_ picture: Data, _ name: String) throws {
        try AtomicFile.write(picture, to: Self.artefacts.appending(path: "\(name).png"))
    }

    private func openWorklist(_ review: RunningReview, _ browser: Browser) async throws {
        try await browser.go(to: review.address)
        try await browser.wait("document.body.dataset.ready === 'yes'")
    }

    private func openSlide(_ browser: Browser) async throws {
        try await browser.wait("!document.getElementById('worklist').hidden")
        try await browser.press("\u{E007}")
        try await browser.wait("document.getElementById('viewer').dataset.slide !== undefined")
        try await settle(browser)
    }

    /// Waits until every tile of slide and overlay stands.
    private func settle(_ browser: Browser) async throws {
        try await browser.wait("document.getElementById('map').dataset.overlay.includes('slide=')")
        try await browser.wait("[...document.querySelectorAll('#map img')].every(image => image.complete)")
        try await browser.wait(
            "document.querySelectorAll('#map .leaflet-tile-pane img').length > 0 || document.querySelectorAll('#map img').length > 0"
        )
    }

    /// Sets a control as a hand would.
    private func set(_ control: String, to value: String, _ browser: Browser) async throws {
        let before = try await browser.value("document.getElementById('map').dataset.overlay") as? String
        try await browser.run(
            """
            const control = document.getElementById('\(control)');
            control.value = '\(value)';
            control.dispatchEvent(new Event('input'));
            control.dispatchEvent(new Event('change'));
            """
        )
        if control != "overlay-opacity" {
            try await browser.wait(
                "!['drawing', '\(before?.replacing("'", with: "\\'") ?? "")'].includes(document.getElementById('map').dataset.overlay)"
            )
        }
        try await settle(browser)
    }

    @Test func theWorklistShowsTheSlideAndItsTextsStayTexts() async throws {
        let review = try RunningReview(bench.layout.root)
        try await withBrowser { browser in
            try await openWorklist(review, browser)
            let cells = "[...document.querySelectorAll('#slides tbody td')].map(cell => cell.textContent)"
            let texts = try #require(try await browser.value(cells) as? [String])
            #expect(texts.count == 8)
            #expect(texts[1] == Bench.name && texts[2] == Bench.classes[1] && texts[3] == Bench.classes[1])
            #expect(texts[4].contains("75.0 %") && texts[4].contains("62.5 % – 87.5 %"))
            #expect(texts[6] == "ink")
            try await browser.wait("document.querySelector('#slides img').naturalWidth > 0")
            try keep(try await browser.screenshot(), "review-worklist")
            // Filters of text and state.
            try await browser.run(
                "const box = document.getElementById('filter-text'); box.value = 'nothing'; box.dispatchEvent(new Event('input'))"
            )
            #expect(try await browser.value("document.querySelectorAll('#slides tbody tr').length") as? Int == 0)
            try await browser.run(
                "const box = document.getElementById('filter-text'); box.value = ''; box.dispatchEvent(new Event('input'))"
            )
            try await openSlide(browser)
            #expect(
                try await browser.value("document.getElementById('slide-name').textContent") as? String == Bench.name
            )
            #expect(try await browser.value("document.title") as? String == "\(Bench.name) – wsi review")
            #expect(try await browser.value("document.querySelectorAll('img[onerror]').length") as? Int == 0)
            #expect(try await browser.value("location.search") as? String == "", "the token does not stay in sight")
            #expect(try await browser.complaints() == [])
        }
    }

    @Test func theOverlayLiesOnTheSlideAndTheSliderTakesItAway() async throws {
        let review = try RunningReview(bench.layout.root)
        try await withBrowser { browser in
            try await openWorklist(review, browser)
            try await openSlide(browser)
            try keep(try await browser.screenshot(), "review-viewer")
            // A zoom that is a power of two, so that squares have sharp edges.
            try await browser.run("location.hash = location.hash.split('?')[0] + '?x=1505.5&y=1101.5&z=2'")
            try await browser.wait("document.getElementById('scale-text').textContent !== ''")
            try await settle(browser)
            // What lies over the stage would be seen as slide.
            try await browser.run(
                "for (const id of ['overview', 'scale-bar', 'pointer', 'view-tools']) document.getElementById(id).hidden = true"
            )
            try await browser.run("document.querySelector('.leaflet-control-container').hidden = true")
            try await set("overlay-opacity", to: "0", browser)
            let slide = try await stage(browser)
            let place = try slide.placeOfSlide()
            try await set("overlay-opacity", to: "100", browser)
            let covered = try await stage(browser)
            for square in Bench.squares {
                let side = Double(Bench.side) * place.scale
                let (left, top) = (place.x + Double(square.x) * place.scale, place.y + Double(square.y) * place.scale)
                expectInPlace(left: left, top: top, side: side, width: slide.width, height: slide.height, "slide") {
                    slide.isGreen($0, $1)
                }
                expectInPlace(left: left, top: top, side: side, width: slide.width, height: slide.height, "overlay") {
                    slide.differs(from: covered, $0, $1)
                }
            }
            // N·attention of the first branch: 9, 4.5, 1.5.
            try await set("overlay-map", to: "1", browser)
            try await set("overlay-from", to: "300", browser)
            let few = try await stage(browser)
            try await set("overlay-from", to: "950", browser)
            let none = try await stage(browser)
            let centres = Bench.squares.map { square in
                (
                    Int(place.x + (Double(square.x) + 100) * place.scale),
                    Int(place.y + (Double(square.y) + 100) * place.scale)
                )
            }
            #expect(centres.map { slide.differs(from: few, $0.0, $0.1) > 0.5 } == [true, true, false])
            #expect(centres.map { slide.differs(from: none, $0.0, $0.1) > 0.5 } == [false, false, false])
            #expect(try await browser.complaints() == [])
        }
    }

    @Test func aDecisionWithMarksSurvivesAKilledServer() async throws {
        let first = try RunningReview(bench.layout.root)
        try await withBrowser { browser in
            try await openWorklist(first, browser)
            try await openSlide(browser)
            try await browser.run(
                "const name = document.getElementById('reviewer'); name.value = '<b>Dr. A</b>'; name.dispatchEvent(new Event('change'))"
            )
            try await browser.press("3m")
            try await browser.drag(from: (400, 300), to: (400, 300))
            try await browser.press("x")
            try await browser.drag(from: (420, 320), to: (520, 380))
            try await browser.wait("document.querySelectorAll('#marks li').length === 2")
            try await browser.run("document.getElementById('words').value = 'a <i>focus</i> was missed'")
            try await browser.press("\u{E009}\u{E007}", together: true)
            try await browser.wait("document.getElementById('save-state').textContent.startsWith('saved')")
            try keep(try await browser.screenshot(), "review-decision")
            #expect(try await browser.complaints() == [])
        }
        first.kill()
        let second = try RunningReview(bench.layout.root)
        try await withBrowser { browser in
            try await openWorklist(second, browser)
            let chip = try await browser.value("document.querySelector('#slides .disagree').textContent") as? String
            #expect(chip == "<b>Dr. A</b>: disagree")
            try await openSlide(browser)
            let words = try await browser.value("document.querySelector('#history p').textContent") as? String
            #expect(words == "a <i>focus</i> was missed")
            #expect(try await browser.value("document.querySelectorAll('#history b b').length") as? Int == 0)
        }
        let saved = try #require(try DecisionLog(bench.layout).decisions(of: bench.id()).first)
        #expect(saved.marks.count == 2 && saved.marks[0].width == nil)
        #expect((saved.marks[1].width ?? 0) > (saved.marks[1].height ?? 0) && (saved.marks[1].height ?? 0) > 0)
    }

    private func stage(_ browser: Browser) async throws -> Stage {
        let rect =
            "JSON.stringify((r => [r.left, r.top, r.width, r.height])(document.getElementById('stage').getBoundingClientRect()))"
        let text = try #require(try await browser.value(rect) as? String)
        let sides = try JSONDecoder().decode([Double].self, from: Data(text.utf8)).map { Int($0) }
        return try Stage(
            try await browser.screenshot(),
            left: sides[0],
            top: sides[1],
            width: sides[2],
            height: sides[3]
        )
    }
}

/// The pixels of the viewer.
private struct Stage {
    let width: Int
    let height: Int
    private let pixels: [UInt8]

    init(_ png: Data, left: Int, top: Int, width: Int, height: Int) throws {
        let picture = try decoded(png: png)
        let shownHeight = min(height, picture.height - top)
        var pixels: [UInt8] = []
        for row in top..<top + shownHeight {
            let start = (row * picture.width + left) * 4
            pixels += picture.rgba[start..<start + width * 4]
        }
        self.pixels = pixels
        self.width = width
        self.height = shownHeight
    }

    private func pixel(_ x: Int, _ y: Int) -> (red: Int, green: Int, blue: Int) {
        let at = (y * width + x) * 4
        return (Int(pixels[at]), Int(pixels[at + 1]), Int(pixels[at + 2]))
    }

    /// Where level-0 pixel (0, 0) is shown, and screen pixels per level-0 pixel: the slide is all that is not white.
    func placeOfSlide() throws -> (x: Double, y: Double, scale: Double) {
        var (left, right, top) = (width, 0, height)
        for y in 0..<height {
            for x in 0..<width where pixel(x, y).red < 250 {
                (left, right, top) = (min(left, x), max(right, x), min(top, y))
            }
        }
        try #require(left < right)
        let scale = exp2((log2(Double(right - left + 1) / Double(Bench.size.width))).rounded())
        return (Double(left), Double(top), scale)
    }

    /// 1 in a square of the slide, 0 on its ground.
    func isGreen(_ x: Int, _ y: Int) -> Double { min(1, max(0, Double(pixel(x, y).green - 120) / 110)) }

    /// 1 where the other picture is another, 0 where it is the same.
    func differs(from other: Stage, _ x: Int, _ y: Int) -> Double {
        let (a, b) = (pixel(x, y), other.pixel(x, y))
        let distance: Int = abs(a.red - b.red) + abs(a.green - b.green) + abs(a.blue - b.blue)
        return distance > 40 ? 1 : 0
    }
}
