import Foundation
import Imaging
import Testing

@testable import ReviewPage

/// Who may see the page.
@Suite struct AccessTests {
    let bench: Bench
    let server: ReviewServer

    init() throws {
        bench = try Bench()
        server = try bench.server()
    }

    @Test(arguments: [
        "/", "/page.js", "/leaflet/leaflet.js", "/api/worklist", "/thumbnail?slide=x", "/tile?slide=x&z=0&x=0&y=0",
        "/export/decisions.csv", "/?token=", "/?token=0",
    ])
    func withoutTheTokenEverythingIsForbidden(path: String) async throws {
        try await Client.with(server) { client in
            let answer = try await client.get(path, token: false)
            #expect(answer.status == 403)
            let stale = "wsi_review_\(client.port)=\(String(repeating: "0", count: 64))"
            let other = try await client.get(path, token: false, headers: ["Cookie": stale])
            #expect(other.status == 403)
        }
    }

    @Test func theTokenOpensThePageAndACookieCarriesItOn() async throws {
        try await Client.with(server) { client in
            let page = try await client.get("/")
            #expect(page.status == 200)
            let cookie = try #require(page.headers["set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let carried = ["Cookie": String(cookie.prefix { $0 != ";" })]
            let list = try await client.get("/api/worklist", token: false, headers: carried)
            #expect(list.status == 200)
        }
        #expect(server.token.count == 64)
        #expect(try bench.server().token != server.token)
    }

    @Test func aForeignHostNameIsForbiddenWhateverItBrings() async throws {
        try await Client.with(server) { client in
            for (host, isOurs) in [
                ("attacker.example:\(client.port)", false), ("localhost.attacker.example", false),
                ("127.0.0.1.example", false),
                ("localhost:\(client.port)", true), ("127.0.0.1:\(client.port)", true), ("[::1]:\(client.port)", true),
            ] {
                let answer = try await client.get("/api/worklist", host: host)
                #expect(answer.status == (isOurs ? 200 : 403), "\(host)")
            }
        }
    }

    @Test func everyAnswerForbidsForeignScriptsFramesAndGuessedTypes() async throws {
        try await Client.with(server) { client in
            for (path, token) in [("/", true), ("/", false), ("/api/nothing", true)] {
                let headers = try await client.get(path, token: token).headers
                let policy = headers["content-security-policy"] ?? ""
                #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"))
                #expect(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"))
                #expect(headers["x-content-type-options"] == "nosniff")
            }
        }
    }

    @Test func thePageHoldsNoInlineScriptAndLoadsNothingFromElsewhere() throws {
        let files = try PageAssets(leaflet: PageAssets.leaflet(environment: [:])).files
        let page = String(decoding: try #require(files["/"]).content, as: UTF8.self)
        #expect(!page.contains("<script>") && !page.contains("onclick") && !page.contains("style="))
        for (path, file) in files where !path.hasPrefix("/leaflet/") {
            let text = String(decoding: file.content, as: UTF8.self)
            #expect(!text.contains("http://") && !text.contains("https://"), "\(path)")
            #expect(!text.contains("innerHTML") && !text.contains("eval("), "\(path)")
        }
        #expect(files["/leaflet/licence.txt"] != nil)
    }

    @Test func thePageOffersEveryColourMapAndKnowsItsColours() throws {
        let files = try PageAssets(leaflet: PageAssets.leaflet(environment: [:])).files
        let page = String(decoding: try #require(files["/"]).content, as: UTF8.self)
        for name in ColourMap.Name.allCases {
            #expect(page.contains("<option value=\"\(name.rawValue)\">\(name.title)</option>"))
            #expect(Worklist.coloursInHex[name.rawValue]?.count == 256)
        }
    }

    @Test func aMissingLeafletIsSaidBeforeAnyWork() throws {
        let error = #expect(throws: (any Error).self) { try PageAssets(leaflet: bench.root) }
        #expect("\(String(describing: error))".contains("libjs-leaflet"))
    }
}
