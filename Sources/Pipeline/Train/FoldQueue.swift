import Config
import Records

/// Which fold is trained next, and where. A fold whose GPU fails is trained on another one while the folds beside it go on; where that
/// fails too, or there is none, it is reported at the end.
struct FoldQueue<Fold: Sendable> {
    /// A fold on its device.
    struct Turn: Sendable {
        var fold: Fold
        var device: ComputeDevice
        /// The device that has failed with it.
        fileprivate var before: ComputeDevice?
    }

    private var slots: DeviceSlots
    private var left: [(fold: Fold, before: ComputeDevice?)]
    /// Folds that have failed on a device since one was trained there.
    private var strikes: [ComputeDevice: Int] = [:]
    /// Of the folds that were given up, in the order in which that happened.
    private(set) var failures: [Failure] = []

    init(_ folds: [Fold], on slots: DeviceSlots) {
        (left, self.slots) = (folds.map { ($0, nil) }, slots)
    }

    /// Folds that have not begun, or have to begin once more.
    var waiting: Int { left.count }

    /// nil where no fold waits, or no device has room for one now.
    mutating func next() -> Turn? {
        guard let first = left.first, let device = slots.begin() else { return nil }
        left.removeFirst()
        return Turn(fold: first.fold, device: device, before: first.before)
    }

    mutating func ended(_ turn: Turn) {
        slots.end(turn.device)
        strikes[turn.device] = nil
    }

    /// Whether what ended a fold may be its GPU's fault, and not the fold's or the study's.
    static func isOfDevice(_ failure: Failure, _ device: ComputeDevice) -> Bool {
        device != .cpu && [.io, .torch].contains(failure.code)
    }

    /// - Returns: what becomes of the fold, in words.
    mutating func failed(_ turn: Turn, _ name: UnitID, _ failure: Failure) -> String {
        slots.end(turn.device)
        strikes[turn.device, default: 0] += 1
        slots.leaveOut(turn.device)
        // The program names the device where LibTorch failed.
        let said =
            failure.message.hasPrefix("\(turn.device): ") ? failure.message : "\(turn.device): \(failure.message)"
        let text = "\(name.text) has failed on \(said)"
        if turn.before == nil, slots.hasDevice {
            left.insert((turn.fold, turn.device), at: 0)
            return "\(text); it is trained on another GPU, and what follows too"
        }
        failures.append(Failure(failure.code, name.text, "on \(said)"))
        // Of a fold that fails anywhere it is not known whose fault that is; a GPU on which two fail one after the other has it.
        for device in [turn.device, turn.before].compactMap(\.self) where strikes[device, default: 0] < 2 {
            slots.takeBack(device)
        }
        return "\(text); it is left"
    }
}
