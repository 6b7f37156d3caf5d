public import Config
public import Foundation
public import Records

/// `wsi-compute encode`: serves reading workers until its stdin ends.
public struct EncodeRequest: ComputeQuestion {
    public typealias Word = EncodeWord
    public typealias Answer = Never

    public static let verb = ComputeVerb.encode

    public struct Encoder: Codable, Sendable {
        /// The encoder's JSON.
        public var manifest: String
        public var precision: Precision

        public init(manifest: String, precision: Precision) {
            self.manifest = manifest
            self.precision = precision
        }
    }

    public var encoders: [Encoder]
    /// The Unix socket to listen on.
    public var socket: String
    /// Batches that a CPU computes at a time, each by one thread.
    public var threads: Int
    public var device: DeviceChoice

    public init(encoders: [Encoder], socket: String, threads: Int, device: DeviceChoice) {
        self.encoders = encoders
        self.socket = socket
        self.threads = threads
        self.device = device
    }
}

/// The first message of a slide: what is coming and where its features go.
public struct PixelHeader: Codable, Sendable {
    /// The features by one encoder.
    public struct Output: Codable, Sendable {
        /// The encoder's place in the request.
        public var place: Int
        public var features: URL
        /// Root attributes of the feature file.
        public var attributes: [String: String]

        public init(_ place: Int, _ features: URL, attributes: [String: String]) {
            self.place = place
            self.features = features
            self.attributes = attributes
        }
    }

    /// The slide's patch file; its rows are what follows, in order.
    public var patches: URL
    public var outputs: [Output]

    public init(patches: URL, outputs: [Output]) {
        self.patches = patches
        self.outputs = outputs
    }
}

/// What became of a slide's features by one encoder.
public enum EncodeAnswer: Codable, Sendable {
    /// The patches of the smallest batch that any of them was computed in; nil without patches.
    case written(batch: Int?)
    case failed(Failure)
}

public enum EncodeWord: Codable, Sendable {
    /// The encoders are loaded, and the socket is listened on.
    case ready
    /// For the person.
    case note(String)
    /// How the devices were used so far; said with each slide.
    case used([DeviceUse])
}

/// `wsi-compute bench`: how fast an encoder is that never waits for patches.
public struct BenchRequest: ComputeQuestion {
    public typealias Word = BenchWord

    public struct Answer: Codable, Sendable {
        /// That it computes in: bf16 or fp32.
        public var precision: Precision
        /// From the end of each device's first batches to that of its last one, of those that were not lost.
        public var use: [DeviceUse]
        /// Patches that give each of them as many batches as it computes and puts together at a time.
        public var patchesAtOnce: Int

        public init(precision: Precision, use: [DeviceUse], patchesAtOnce: Int) {
            (self.precision, self.use, self.patchesAtOnce) = (precision, use, patchesAtOnce)
        }
    }

    public static let verb = ComputeVerb.bench

    public var encoder: EncodeRequest.Encoder
    public var device: DeviceChoice
    /// Batches that a CPU computes at a time.
    public var threads: Int
    /// At least so long, and until each device has computed a batch.
    public var seconds: Double

    public init(encoder: EncodeRequest.Encoder, device: DeviceChoice, threads: Int, seconds: Double) {
        (self.encoder, self.device, self.threads, self.seconds) = (encoder, device, threads, seconds)
    }
}

public enum BenchWord: Codable, Sendable {
    /// For the person.
    case note(String)
}

/// `wsi-compute check`: what an encoder makes of its golden patch.
public struct EncoderCheckRequest: ComputeQuestion {
    /// On one device.
    public struct Check: Codable, Sendable {
        public var device: ComputeDevice
        /// That it was computed in: bf16 or fp32.
        public var precision: Precision
        /// From the features that came with the encoder; nil: none did.
        public var golden: FeatureDifference?
        /// Of bf16 from fp32; nil: that was not asked for.
        public var fp32: FeatureDifference?

        public init(
            device: ComputeDevice,
            precision: Precision,
            golden: FeatureDifference?,
            fp32: FeatureDifference?
        ) {
            (self.device, self.precision, self.golden, self.fp32) = (device, precision, golden, fp32)
        }
    }

    /// Of each device that was chosen.
    public typealias Answer = [Check]

    public static let verb = ComputeVerb.check

    /// The encoder's JSON.
    public var manifest: String
    public var device: DeviceChoice
    public var precision: Precision
    /// Whether bf16 is compared with fp32 too; an encoder without a golden patch is no error then.
    public var comparesFP32: Bool

    public init(manifest: String, device: DeviceChoice, precision: Precision, comparesFP32: Bool) {
        self.manifest = manifest
        self.device = device
        self.precision = precision
        self.comparesFP32 = comparesFP32
    }
}

/// `wsi-compute engine`: what a choice of devices and numbers means on this machine, for networks that are built natively.
public struct EngineRequest: ComputeQuestion {
    public struct Answer: Codable, Sendable {
        /// One or more.
        public var devices: [ComputeDevice]
        /// bf16 or fp32.
        public var precision: Precision

        public init(devices: [ComputeDevice], precision: Precision) {
            self.devices = devices
            self.precision = precision
        }
    }

    public static let verb = ComputeVerb.engine

    public var device: DeviceChoice
    public var precision: Precision

    public init(device: DeviceChoice, precision: Precision) {
        self.device = device
        self.precision = precision
    }
}
