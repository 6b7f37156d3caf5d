import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Records

/// The review page of one job: a worklist and a viewer, for people on this machine.
public struct ReviewServer: Sendable {
    /// Secret of this start; whoever has it may read slides and save decisions.
    public let token: String
    private let routes: ReviewRoutes
    private let host: String
    private let notices: ServerNotices

    /// - Parameters:
    ///   - remarks: what is to be said of predictions, asked again whenever they have changed.
    ///   - slides: where tiles come from.
    ///   - ranges: the absolute scales of each model.
    ///   - host: name or address to listen on.
    ///   - notice: told, once each, what was refused or went wrong that is no doing of the page's reader.
    public init(
        job: ReviewJob,
        remarks: @escaping PredictionRemarks = { _ in [:] },
        slides: any SlideSource,
        assets: PageAssets,
        ranges: @escaping MapRanges,
        reading: ReadingPlan = ReadingPlan(),
        host: String = "127.0.0.1",
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        notices = ServerNotices(notice)
        var random = SystemRandomNumberGenerator()
        token = (0..<4).map { _ in String(format: "%016lx", UInt(random.next() as UInt64)) }.joined()
        routes = ReviewRoutes(
            job: job,
            remarks: remarks,
            slides: slides,
            assets: assets,
            ranges: ranges,
            reading: reading
        )
        self.host = host
    }

    public static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "localhost", "::1"].contains(host) }

    /// Serves until the process ends.
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - running: told the page's address once it can be opened.
    /// - Throws: `Failure` (exit 2) where it cannot listen.
    public func run(port: Int, running: @escaping @Sendable (String) -> Void) async throws {
        do { try await application(port: port, running: running).runService(gracefulShutdownSignals: []) } catch {
            throw Failure(
                .usage,
                "\(host):\(port)",
                "the page cannot listen there (\(error)); try another --port or --host"
            )
        }
    }

    func application(
        port: Int = 0,
        running: @escaping @Sendable (String) -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = Router()
        router.add(middleware: AccessGuard(token: token, host: host, notices: notices))
        routes.add(to: router)
        var logger = Logger(label: "wsi review")
        logger.logLevel = .critical
        let name = host.contains(":") ? "[\(host)]" : host
        let limits = ServerLimits.current
        return Application(
            router: router,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [RequestDeadline(limits)],
                    idleTimeout: TimeAmount(limits.idle),
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: 16 << 10,
                        maxHeaderListSize: 32 << 10,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)
            ),
            onServerRunning: { [token] channel in
                await pauseAccepting(channel)
                running("http://\(name):\(channel.localAddress?.port ?? port)/?token=\(token)")
            },
            logger: logger
        )
    }
}
