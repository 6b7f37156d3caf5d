import Foundation
import Testing

/// Debian's chromium without a window, driven over WebDriver (W3C) by its chromedriver.
final class Browser: Sendable {
    private let driver: Process
    private let port: Int
    private let session: String
    private let profile: URL

    struct Missing: Error, CustomStringConvertible {
        var description: String { "chromium or chromedriver is not installed; scripts/setup-browser installs both" }
    }

    static func open() async throws -> Browser {
        guard let program = ["/usr/bin/chromedriver"].first(where: FileManager.default.isExecutableFile) else {
            throw Missing()
        }
        let driver = Process()
        driver.executableURL = URL(filePath: program)
        driver.arguments = ["--port=0"]
        driver.standardInput = FileHandle.nullDevice
        let output = Pipe()
        driver.standardOutput = output
        driver.standardError = FileHandle.nullDevice
        try driver.run()
        var said = ""
        while !said.contains("started successfully on port ") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Missing() }
            said += String(decoding: more, as: UTF8.self)
        }
        let port = try #require(said.firstMatch(of: /successfully on port (\d+)/).flatMap { Int($0.1) })
        let profile = FileManager.default.temporaryDirectory.appending(path: "wsi-browser-\(UUID().uuidString)")
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--force-device-scale-factor=1", "--hide-scrollbars",
            "--disable-dev-shm-usage", "--window-size=1440,900", "--user-data-dir=\(profile.path)",
        ]
        let wanted: [String: Any] = [
            "capabilities": [
                "alwaysMatch": [
                    "goog:chromeOptions": ["args": arguments], "goog:loggingPrefs": ["browser": "ALL"],
                ]
            ]
        ]
        do {
            let made = try await call(port, "POST", "/session", wanted) as? [String: Any]
            let session = try #require(made?["sessionId"] as? String)
            return Browser(driver: driver, port: port, session: session, profile: profile)
        } catch {
            kill(driver.processIdentifier, SIGKILL)
            throw error
        }
    }

    private init(driver: Process, port: Int, session: String, profile: URL) {
        self.driver = driver
        self.port = port
        self.session = session
        self.profile = profile
    }

    /// Ends the browser and its driver.
    func close() async throws {
        _ = try? await Self.call(port, "DELETE", "/session/\(session)", nil)
        kill(driver.processIdentifier, SIGKILL)
        driver.waitUntilExit()
        try? FileManager.default.removeItem(at: profile)
    }

    func go(to address: String) async throws { _ = try await post("url", ["url": address]) }

    /// The value of a JavaScript expression.
    func value(_ expression: String) async throws -> Any? {
        try await post("execute/sync", ["script": "return (\(expression))", "args": [Any]()])
    }

    func run(_ script: String) async throws { _ = try await post("execute/sync", ["script": script, "args": [Any]()]) }

    /// Waits until an expression is true.
    func wait(_ expression: String) async throws {
        let script = """
            const done = arguments[0], end = performance.now() + 20000;
            (function look() {
              let is = false;
              try { is = Boolean(\(expression)); } catch {}
              if (is || performance.now() > end) done(is); else requestAnimationFrame(look);
            })();
            """
        let isTrue = try await post("execute/async", ["script": script, "args": [Any]()]) as? Bool
        try #require(isTrue == true, "never came true: \(expression)")
    }

    /// Presses keys one after the other, or all at once.
    func press(_ keys: String, together: Bool = false) async throws {
        let texts = keys.map(String.init)
        let down = texts.map { ["type": "keyDown", "value": $0] }
        let up = texts.map { ["type": "keyUp", "value": $0] }
        let actions = together ? down + up.reversed() : zip(down, up).flatMap { [$0, $1] }
        _ = try await post("actions", ["actions": [["type": "key", "id": "keys", "actions": actions]]])
    }

    /// Drags the mouse; a click where both ends are one.
    func drag(from: (x: Int, y: Int), to: (x: Int, y: Int)) async throws {
        func move(_ place: (x: Int, y: Int)) -> [String: Any] {
            ["type": "pointerMove", "duration": 0, "x": place.x, "y": place.y]
        }
        let middle = (x: (from.x + to.x) / 2, y: (from.y + to.y) / 2)
        let actions: [[String: Any]] = [
            move(from), ["type": "pointerDown", "button": 0], move(middle), move(to),
            ["type": "pointerUp", "button": 0],
        ]
        _ = try await post("actions", ["actions": [["type": "pointer", "id": "mouse", "actions": actions]]])
    }

    /// PNG.
    func screenshot() async throws -> Data {
        let text = try await Self.call(port, "GET", "/session/\(session)/screenshot", nil) as? String
        return try #require(Data(base64Encoded: text ?? "-"))
    }

    /// What the browser complained of: blocked resources, errors of scripts, answers that are no success.
    func complaints() async throws -> [String] {
        let entries = try await post("se/log", ["type": "browser"]) as? [[String: Any]] ?? []
        return entries.compactMap { $0["message"] as? String }
    }

    private func post(_ verb: String, _ body: [String: Any]) async throws -> Any? {
        try await Self.call(port, "POST", "/session/\(session)/\(verb)", body)
    }

    private static func call(_ port: Int, _ method: String, _ path: String, _ body: [String: Any]?) async throws -> Any?
    {
        let json = try body.map { try JSONSerialization.data(withJSONObject: $0) }
        let answer = try await Client.ask(
            method,
            path,
            port: port,
            host: "localhost:\(port)",
            headers: ["Content-Type": "application/json"],
            body: String(decoding: json ?? Data(), as: UTF8.self)
        )
        try #require(answer.status == 200, "\(path): \(answer.text.prefix(500))")
        return (try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])?["value"]
    }
}
