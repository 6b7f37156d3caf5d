import Config
import Records
import Storage
import Torch

/// Bags as standardised tensors on the device of the model, in the precision that its products are to have.
///
/// As many stay as fit into their part of the memory; the others are read again in every epoch, ahead of their steps. Where the
/// device has a memory of its own they are moved there ahead too, while it computes.
final class DeviceBags {
    private enum Source {
        case here(BagsAhead<Bag>)
        case moved(BagsAhead<MovedBag>)
    }

    private let source: Source
    private let whole: any BagSource
    private let standardiser: Standardiser?
    private let device: Device
    private let precision: TrainingConfig.Precision
    private var kept: [SlideID: Tensor] = [:]
    private var left: Int

    /// Bytes. More than a few bags ahead make no step quicker.
    private static let mostAhead = 1 << 30

    /// - Parameters:
    ///   - memory: bytes for features, of which up to a half is for those that are read ahead.
    ///   - movesAhead: whether bags are moved before their step; nil: on every device but the CPU, which has one memory.
    init(
        _ source: any BagSource,
        standardiser: Standardiser?,
        precision: TrainingConfig.Precision = .fp32,
        on device: Device,
        memory: Int = 4 << 30,
        movesAhead: Bool? = nil
    ) {
        let ahead = min(memory / 2, Self.mostAhead)
        whole = source
        self.source =
            movesAhead ?? (device != .cpu)
            ? .moved(
                BagsAhead(memory: ahead) { slide in
                    try MovedBag(source.bag(slide), standardiser, precision, to: device)
                }
            ) : .here(BagsAhead(memory: ahead) { try source.bag($0) })
        self.precision = precision
        self.standardiser = standardiser
        self.device = device
        left = memory - ahead
    }

    /// Tells which slides will be asked for next, in that order.
    func expect(_ slides: [SlideID]) {
        let slides = slides.filter { kept[$0] == nil }
        switch source {
        case .here(let bags): bags.expect(slides)
        case .moved(let bags): bags.expect(slides)
        }
    }

    /// The same as `features`, out of turn: what is expected stays so.
    func aside(_ slide: SlideID) throws -> Tensor {
        try kept[slide] ?? whole.bag(slide).tensor(standardiser, precision, on: device)
    }

    /// Features `[N, D]` of a slide.
    func features(_ slide: SlideID) throws -> Tensor {
        if let tensor = kept[slide] { return tensor }
        let tensor =
            switch source {
            case .here(let bags): try bags.bag(slide).tensor(standardiser, precision, on: device)
            case .moved(let bags): try bags.bag(slide).taken()
            }
        let size = tensor.count * precision.bytes
        if size <= left {
            left -= size
            kept[slide] = tensor
        }
        return tensor
    }
}

/// A bag that lies on its device before the step asks for it: copied by a lane of its own, which computes nothing else.
///
/// `@unchecked Sendable`, because the thread that made the tensor lets go of it, and all work on it is done before another takes it.
private final class MovedBag: ReadyBag, @unchecked Sendable {
    let bytes: Int
    private let tensor: Tensor

    init(
        _ bag: Bag,
        _ standardiser: Standardiser?,
        _ precision: TrainingConfig.Precision,
        to device: Device
    ) throws {
        bytes = bag.bytes
        tensor = try Lane.with(device) { lane in
            let sent = try bag.features.withUnsafeBytes {
                try lane.send($0, .float32, shape: [bag.count, bag.width])
            }
            return try (standardiser?(sent) ?? sent).to(precision.dtype)
        }
    }

    /// Features `[N, D]`, for the thread that asks.
    func taken() throws -> Tensor { try tensor.handedOver() }
}
