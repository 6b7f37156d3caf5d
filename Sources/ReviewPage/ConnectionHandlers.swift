import NIOCore
import NIOHTTPTypes
import Storage

/// Ends a connection whose request does not come to its end, is far too large, or whose answer is not taken.
///
/// That single bytes come now and then is not enough: what counts is the whole request.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ServerLimits
    private var coming: Scheduled<Void>?
    private var going: Scheduled<Void>?
    private var bytes = 0

    init(_ limits: ServerLimits) { self.limits = limits }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            bytes = 0
            coming?.cancel()
            coming = end(context, after: limits.request)
        case .body(let part):
            bytes += part.readableBytes
            guard bytes <= ServerLimits.readBytes else { return context.close(promise: nil) }
        case .end:
            coming?.cancel()
            coming = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            going?.cancel()
            going = end(context, after: limits.answer)
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let promise = promise ?? context.eventLoop.makePromise()
            let ours = going
            promise.futureResult.whenComplete { _ in ours?.cancel() }
            context.write(data, promise: promise)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        coming?.cancel()
        going?.cancel()
    }

    private func end(_ context: ChannelHandlerContext, after time: Duration) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}

/// What a server does when the process or the machine has no descriptor left for a connection: it waits a moment. By itself it would
/// ask again at once, and go on asking.
final class AcceptPause: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Channel

    private static let pause = TimeAmount.milliseconds(250)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else { return context.fireErrorCaught(error) }
        let channel = context.channel
        channel.setOption(.autoRead, value: false).whenComplete { _ in
            channel.eventLoop.scheduleTask(in: Self.pause) { channel.setOption(.autoRead, value: true) }
        }
    }
}

/// Puts it before all other handlers of a listening channel, and lets it take connections one by one, so that their limit is kept.
func pauseAccepting(_ channel: any Channel) async {
    try? await channel.setOption(.maxMessagesPerRead, value: 1).get()
    try? await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandler(AcceptPause(), position: .first)
    }.get()
}
