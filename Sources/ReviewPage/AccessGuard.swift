import Files
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Records

/// Lets in who has the token, from a page of ours only, and gives every answer the headers that keep a browser strict.
struct AccessGuard<Context: RequestContext>: RouterMiddleware {
    let token: String
    /// The name that the server was told to listen on.
    let host: String
    let notices: ServerNotices

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try check(request)
            response = try await next(request, context)
        } catch let error as HTTPError {
            response = Self.text(error.status, error.body ?? error.status.reasonPhrase)
        } catch let error as any ReportableError {
            response = answer(error)
        } catch is NIOTooManyBytesError {
            response = Self.text(.contentTooLarge, Self.tooLarge)
        } catch let error as HTTPParserError {
            // Whoever reads the request answers that.
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Also where the client went away in the midst of its request; then nobody reads this.
            response = Self.text(.internalServerError, "the server failed; its terminal says why")
            if !(error is ChannelError) { notices.say("could not answer \(request.uri.path): \(error)") }
        }
        if request.uri.path == "/", response.status == .ok {
            response.headers[.setCookie] = "\(cookieName(request))=\(token); Path=/; HttpOnly; SameSite=Strict"
        }
        for (name, value) in Self.headers { response.headers[name] = value }
        return response
    }

    private func answer(_ error: any ReportableError) -> Response {
        if error.code.tells { notices.say(error.message) }
        return Self.text(
            error.code.status,
            error.code == .bug ? "the server failed; its terminal says why" : error.description
        )
    }

    private static var tooLarge: String { "more than \(ServerLimits.bodyBytes) bytes are not taken" }

    /// - Throws: `HTTPError` 403 for a foreign host name (DNS rebinding), a foreign page, or without the token.
    private func check(_ request: Request) throws {
        guard let authority = request.head.authority, isOurs(authority) else {
            throw HTTPError(.forbidden, message: "this host name is not served here")
        }
        let given = request.uri.queryParameters["token"].map(String.init) ?? cookie(cookieName(request), of: request)
        guard let given, given.isEqualInConstantTime(to: token) else {
            throw HTTPError(.forbidden, message: "open the address that wsi review has printed; it holds a token")
        }
        guard request.method != .post else {
            let origin = request.headers[.origin]
            guard origin == nil || origin == "http://\(authority)",
                request.headers[.contentType]?.hasPrefix("application/json") == true
            else { throw HTTPError(.forbidden, message: "only this page may save decisions") }
            if let bytes = request.headers[.contentLength].flatMap({ Int($0) }), bytes > ServerLimits.bodyBytes {
                throw HTTPError(.contentTooLarge, message: Self.tooLarge)
            }
            return
        }
    }

    /// A name that leads here by the resolver of an attacker is neither an address nor the one we were told.
    private func isOurs(_ authority: String) -> Bool {
        let isBracketed = authority.hasPrefix("[")
        let name = isBracketed ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        if name == "localhost" || name == host { return true }
        let digits: (Character) -> Bool = isBracketed ? { $0.isHexDigit || $0 == ":" } : { $0.isNumber || $0 == "." }
        return !name.isEmpty && name.allSatisfy(digits)
    }

    /// Cookies do not tell ports apart, and several jobs may be under review.
    private func cookieName(_ request: Request) -> String {
        "wsi_review_\(request.head.authority?.split(separator: ":").last.flatMap { Int($0) } ?? 80)"
    }

    private func cookie(_ name: String, of request: Request) -> String? { request.cookies[name]?.value }

    private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }

    private static var headers: [(HTTPField.Name, String)] {
        [
            (
                .contentSecurityPolicy,
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            (.xContentTypeOptions, "nosniff"),
        ] + plain.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
    }

    private static var plain: [(String, String)] {
        [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ]
    }
}

extension String {
    /// The time that it takes tells nothing about where the texts differ.
    fileprivate func isEqualInConstantTime(to other: String) -> Bool {
        let (left, right) = (Array(utf8), Array(other.utf8))
        return left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension ErrorCode {
    /// 403 for what is forbidden, 409 for what is not what it was, 422 for what cannot be read, 503 for what may work again later.
    var status: HTTPResponse.Status {
        switch self {
        case .usage: .badRequest
        case .notFound: .notFound
        case .noSpace: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        case .io, .interrupted, .busy: .serviceUnavailable
        case .bug: .internalServerError
        default:
            switch exitStatus {
            case .refused: .forbidden
            case .integrity: .conflict
            case .usage: self == .access ? .forbidden : .unprocessableContent
            default: .unprocessableContent
            }
        }
    }

    /// Whether whoever has started the server should know.
    var tells: Bool { self == .unsafeID || self == .bug || (exitStatus == .temporary && self != .busy) }
}
