import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import ReviewPage

/// What the server answers to its page.
@Suite struct RouteTests {
    let bench: Bench
    let server: ReviewServer
    private var slide: String { "slide=\(Bench.name.escaped)" }
    private var maps: String { "\(slide)&model=\(Bench.model)" }

    init() throws {
        bench = try Bench()
        server = try bench.server()
    }

    private func get(_ path: String) async throws -> Client.Answer {
        try await Client.with(server) { try await $0.get(path) }
    }

    private func json(_ uri: String) async throws -> JSONValue {
        let answer = try await get(uri)
        try #require(answer.status == 200, "\(uri): \(answer.text)")
        return try JSONDecoder().decode(JSONValue.self, from: answer.body)
    }

    @Test func theWorklistTellsWhatIsKnownOfEachSlide() async throws {
        guard case .array(let rows) = try await json("/api/worklist")["slides"] else {
            Issue.record("no list")
            return
        }
        let row = try #require(rows.first)
        #expect(rows.count == 1)
        #expect(row["id"] == .string(Bench.name))
        #expect(row["label"] == .string(Bench.classes[1]))
        #expect(row["quality"]?["flags"] == .array([.string("ink")]))
        #expect(row["quality"]?["shown"] == .array(["ink", "dark", "focus_median"].map(JSONValue.string)))
        let forecast = row["forecasts"]?[Bench.model]
        #expect(forecast?["probabilities"] == .array([.number(0.25), .number(0.75)]))
        #expect(forecast?["threshold"] == .number(0.4))
        #expect(forecast?["called"] == .number(1) && forecast?["margin"] == .number(0.35))
        #expect(forecast?["shown"] == .number(1))
        #expect(forecast?["digest"]?.string == (try bench.digest()))
        #expect(row["state"] == .string("ok") && row["sealed"] == .bool(false))
        #expect(
            forecast?["ranges"]
                == .array([
                    .array([.number(0.125), .number(0.375)]), .array([.number(0.625), .number(0.875)]),
                ])
        )
    }

    @Test(arguments: [
        "..", "../../etc/passwd", "..%2F..%2Faudit%2Fslides", "%2Fetc%2Fpasswd", "S2", "", "S1", "S1%00", "%FF",
    ])
    func aSlideOutsideTheJobIsNotFound(name: String) async throws {
        for path in [
            "/api/slide?", "/thumbnail?", "/tile?z=0&x=0&y=0&", "/overlay?z=0&x=0&y=0&map=0&from=0&colours=dune&",
            "/uncovered?z=0&x=0&y=0&", "/patch?x=0&y=0&side=9&", "/api/values?map=0&model=acmil&",
            "/export/marks.geojson?", "/api/top?map=0&model=acmil&",
        ] {
            #expect(try await get("\(path)slide=\(name)").status == 404, "\(path)")
        }
    }

    @Test(arguments: [
        "/etc/passwd", "/../job/audit/slides/bench.json", "/leaflet/../page.js", "/audit/slides/bench.json",
        "/%2e%2e/x",
    ])
    func noFileIsServedByItsPath(path: String) async throws { #expect(try await get(path).status == 404) }

    @Test func everyFileThatThePageNamesIsServed() async throws {
        try await Client.with(server) { client in
            var (waiting, seen) = (["/"], Set<String>())
            while let path = waiting.popLast() {
                guard seen.insert(path).inserted else { continue }
                let answer = try await client.get(path)
                #expect(answer.status == 200, "\(path)")
                guard !path.hasPrefix("/leaflet/") else { continue }
                waiting += answer.text.matches(of: /(?:href|src|from) ?=? ?"(\/[a-z\/]+\.(?:js|css))"/).map {
                    String($0.1)
                }
            }
            #expect(seen.count > 20)
        }
    }

    @Test func tilesAndMapsThatDoNotExistAreNotFound() async throws {
        for place in [
            "z=4&x=12&y=0", "z=5&x=0&y=0", "z=-1&x=0&y=0", "z=0&x=-1&y=0", "z=0&x=0", "z=0&x=0&y=9223372036854775807",
        ] {
            #expect(try await get("/tile?\(slide)&\(place)").status == 404, "\(place)")
        }
        let overlay = "/overlay?\(slide)&z=0&x=0&y=0&scale=absolute"
        for rest in [
            "&model=acmil&map=9&colours=dune&from=0", "&model=../acmil&map=0&colours=dune&from=0",
            "&model=acmil&map=0&colours=x&from=0", "&model=acmil&map=0&colours=dune&from=nan",
        ] {
            #expect(try await get(overlay + rest).status == 404, "\(rest)")
        }
    }

    @Test func theHighestPatchesComeFirstInLevel0Pixels() async throws {
        let top = try await json("/api/top?\(maps)&map=2")
        #expect(
            top
                == .array(
                    zip(Bench.squares.reversed(), [(9.0, 100.0), (4.5, 50), (1.5, 0)]).map { square, numbers in
                        .object([
                            "x": .number(Double(square.x)), "y": .number(Double(square.y)), "value": .number(numbers.0),
                            "percentile": .number(numbers.1),
                        ])
                    }
                )
        )
    }

    @Test func aMapsValuesLieAtTheirPatchesAndItsPatchesAreCut() async throws {
        let values = try await json("/api/values?\(maps)&map=1")
        #expect(values["side"] == .number(Double(Bench.side)))
        #expect(values["places"] == .array(Bench.squares.flatMap { [.number(Double($0.x)), .number(Double($0.y))] }))
        #expect(values["values"] == .array([.number(9), .number(4.5), .number(1.5)]))
        let patch = try await get("/patch?\(slide)&x=1400&y=300&side=200")
        #expect(patch.status == 200 && patch.body.starts(with: [0xFF, 0xD8]))
        for place in ["x=-1&y=0&side=200", "x=0&y=0&side=0", "x=0&y=0&side=99999", "x=9999&y=0&side=9", "x=0&y=0"] {
            #expect(try await get("/patch?\(slide)&\(place)").status == 404, "\(place)")
        }
    }

    @Test func aSlideThatCannotBeOpenedSaysWhyAndStillHasItsNumbers() async throws {
        try FileManager.default.removeItem(at: bench.slidePath)
        try await Client.with(try bench.server(slides: Gone())) { client in
            let answer = try await client.get("/api/slide?\(maps)")
            let told = try JSONDecoder().decode(JSONValue.self, from: answer.body)
            #expect(told["problem"] == .string("it is gone"))
            #expect(told["forecast"]?["threshold"] == .number(0.4))
            #expect(try await client.get("/tile?\(slide)&z=0&x=0&y=0").status == 422)
        }
    }

    private struct Gone: SlideSource {
        func pyramid(of slide: SlideID) async throws -> TilePyramid {
            throw Failure(.slideOpen, slide.text, "it is gone")
        }
        func tile(_ address: TileAddress, of slide: SlideID) async throws -> Data {
            throw Failure(.slideOpen, nil, "gone")
        }
        func patch(at corner: PixelPoint, side: Int, of slide: SlideID) async throws -> Data {
            throw Failure(.slideOpen, nil, "gone")
        }
    }

    @Test(arguments: 0...4) func overlayTilesLieOnTheSquaresOfTheSlide(zoom: Int) async throws {
        let scale = 1.0 / Double(1 << (4 - zoom))
        let (columns, rows) = ((3011 >> (4 - zoom)) / 256 + 1, (2203 >> (4 - zoom)) / 256 + 1)
        let (width, height) = (columns * 256, rows * 256)
        var strength = [Double](repeating: 0, count: width * height)
        try await Client.with(server) { client in
            for (row, column) in (0..<rows).flatMap({ row in (0..<columns).map { (row, $0) } }) {
                let place = "&z=\(zoom)&x=\(column)&y=\(row)"
                let answer = try await client.get("/overlay?\(maps)&map=0&scale=absolute&colours=lagoon&from=0\(place)")
                try #require(answer.status == 200)
                let tile = try decoded(png: answer.body)
                for y in 0..<256 {
                    for x in 0..<256 {
                        strength[(row * 256 + y) * width + column * 256 + x] =
                            Double(tile.rgba[(y * 256 + x) * 4 + 3])
                    }
                }
            }
        }
        // N·attention 4.5 to 5.25 of 10: alpha of a patch is 0.25 + 0.75 · position.
        for (square, value) in zip(Bench.squares, [0.525, 0.45, 0.525]) {
            let full = 255 * (0.25 + 0.75 * value)
            expectInPlace(
                left: Double(square.x) * scale,
                top: Double(square.y) * scale,
                side: Double(Bench.side) * scale,
                width: width,
                height: height,
                "overlay at zoom \(zoom)"
            ) { x, y in strength[y * width + x] / full }
        }
    }

    @Test func tissueWithoutAPatchIsHatchedAndItsShareIsTold() async throws {
        #expect(try await json("/api/slide?\(maps)")["unexamined"] == nil)
        #expect(try await get("/uncovered?\(maps)&z=0&x=0&y=0").status == 404)
        // As large as a patch each: under the first square, and beside it.
        try bench.writeOutlines([(150, 1900), (350, 1900)])
        try await Client.with(try bench.server()) { client in
            let told = try JSONDecoder().decode(JSONValue.self, from: try await client.get("/api/slide?\(maps)").body)
            #expect(told["unexamined"] == .string("50.0 % of the tissue was not examined"))
            let answer = try await client.get("/uncovered?\(maps)&z=4&x=1&y=7")
            try #require(answer.status == 200)
            let tile = try decoded(png: answer.body)
            // The tile begins at (256, 1792).
            let hatched = (0..<65_536).filter { tile.rgba[$0 * 4 + 3] > 0 }
            #expect(hatched.allSatisfy { (94..<256).contains($0 % 256) && (108..<256).contains($0 / 256) })
            #expect(abs(hatched.count * 2 - 162 * 148) < 500)
            #expect(try await client.get("/uncovered?\(maps)&z=4&x=12&y=0").status == 404)
            #expect(try await client.get("/uncovered?\(slide)&model=other&z=0&x=0&y=0").status == 404)
        }
    }

    @Test func belowTheLimitPatchesAreLeftOut() async throws {
        func visible(_ map: Int, _ scale: String, from limit: Double) async throws -> Int {
            let answer = try await get(
                "/overlay?\(maps)&map=\(map)&scale=\(scale)&colours=dune&from=\(limit)&z=0&x=0&y=0"
            )
            let tile = try decoded(png: answer.body)
            return stride(from: 3, to: tile.rgba.count, by: 4).count { tile.rgba[$0] > 0 }
        }
        let all = try await visible(1, "absolute", from: 0)
        let upper = try await visible(1, "absolute", from: 0.3)
        let highest = try await visible(1, "absolute", from: 0.5)
        #expect(all > upper && upper > highest && highest > 0)
        #expect(try await visible(1, "absolute", from: 0.95) == 0)
        #expect(try await visible(1, "percentile", from: 0.5) == upper)
    }
}
