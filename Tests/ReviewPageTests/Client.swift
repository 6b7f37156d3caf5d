import Foundation
import NIOCore
import NIOPosix
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// Asks a server over a plain connection, so that a test may send what no client would.
struct Client: Sendable {
    struct Answer: Sendable {
        var status: Int
        /// By their names in lower case.
        var headers: [String: String]
        var body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Unreachable: Error {}

    let port: Int
    let token: String

    /// Lets `body` talk to a server in this process, on a free port.
    static func with<Result>(_ server: ReviewServer, _ body: (Client) async throws -> Result) async throws -> Result {
        let (addresses, said) = AsyncStream.makeStream(of: String.self)
        let serving = Task {
            defer { said.finish() }
            try await server.run(port: 0) { said.yield($0) }
        }
        defer { serving.cancel() }
        for await address in addresses {
            let port = try #require(URL(string: address)?.port)
            return try await body(Client(port: port, token: server.token))
        }
        _ = try await serving.value
        throw Unreachable()
    }

    /// - Parameter token: nil leaves the query as it is.
    func get(_ path: String, token: Bool = true, host: String? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        try await ask("GET", path, token: token, host: host, headers: headers, body: "")
    }

    func post(_ path: String, _ body: String, headers: [String: String]) async throws -> Answer {
        try await ask("POST", path, token: true, host: nil, headers: headers, body: body)
    }

    private func ask(
        _ method: String,
        _ path: String,
        token: Bool,
        host: String?,
        headers: [String: String],
        body: String
    ) async throws -> Answer {
        // Beside hundreds of other tests a request may come to be sent after the server has given up waiting for it.
        do { return try await once(method, path, token, host, headers, body) } catch ChannelError.ioOnClosedChannel
            where method == "GET"
        {
            return try await once(method, path, token, host, headers, body)
        }
    }

    private func once(
        _ method: String,
        _ path: String,
        _ token: Bool,
        _ host: String?,
        _ headers: [String: String],
        _ body: String
    ) async throws -> Answer {
        let path = token ? "\(path)\(path.contains("?") ? "&" : "?")token=\(self.token)" : path
        return try await Self.ask(
            method,
            path,
            port: port,
            host: host ?? "localhost:\(port)",
            headers: headers,
            body: body
        )
    }

    static func ask(
        _ method: String,
        _ path: String,
        port: Int,
        host: String,
        headers: [String: String],
        body: String
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        head += "Content-Length: \(body.utf8.count)\r\n\r\n"
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { [head] input, output in
            try await output.write(ByteBuffer(string: head + body))
            var bytes = Data()
            // Not every server ends the connection when it is asked to.
            for try await part in input {
                bytes.append(contentsOf: part.readableBytesView)
                if let answer = parsed(bytes) { return answer }
            }
            throw Unreachable()
        }
    }

    /// nil while something is missing.
    private static func parsed(_ bytes: Data) -> Answer? {
        guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let headers = Dictionary(
            lines.dropFirst().compactMap { line in
                line.firstIndex(of: ":").map { colon in
                    (
                        line[..<colon].lowercased(),
                        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                    )
                }
            },
            uniquingKeysWith: { first, _ in first }
        )
        let body = bytes[end.upperBound...]
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let length = headers["content-length"].flatMap({ Int($0) }), body.count >= length
        else { return nil }
        return Answer(status: status, headers: headers, body: body)
    }
}

extension Bench {
    func server(slides: (any SlideSource)? = nil, reading: ReadingPlan = ReadingPlan()) throws -> ReviewServer {
        ReviewServer(
            job: try job(),
            slides: slides ?? OpenSlide(path: slidePath.path),
            assets: try PageAssets(leaflet: PageAssets.leaflet(environment: [:])),
            ranges: { _ in (0...10, 0...10) },
            reading: reading
        )
    }
}

extension JSONValue {
    /// An element of a list.
    subscript(_ index: Int) -> JSONValue? {
        if case .array(let values) = self, values.indices.contains(index) { values[index] } else { nil }
    }
}

extension String {
    /// As a value of a query.
    var escaped: String { addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
