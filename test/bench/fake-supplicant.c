/*
 * A fast fake of wpa_supplicant's control interface, for measurements. It serves wlan0 and p2p-dev-wlan0, and after
 * P2P_GROUP_ADD p2p-wlan0-0, in the folder given as its argument, and answers as wpa_supplicant 2.10 does. Unlike
 * wpa_supplicant it waits for a receiver whose queue is full, so nothing is ever lost on its side.
 *
 * It prints "ready", then for the first request of each kind "attach <ns>", "group-add <ns>" and "group-attach <ns>"
 * (CLOCK_MONOTONIC). It reads commands, one for each line, and ends at the end of its input:
 *   react N ADDRESSES PAUSE_US   N times WPS-PIN-NEEDED from that many addresses, each PAUSE_US after the answer to the
 *                                one before; prints "reactions <ns> <ns> ...", the time until each WPS_PIN
 *   flood KIND N PEERS           N events (KIND probe, found or scan) of PEERS devices, as fast as they are read, and a
 *                                WPS-PIN-NEEDED at the end; prints "flood <sent> <lost> <ns until its WPS_PIN>"
 *   count                        prints "count <requests> <PINGs among them>" since the last count
 * On an error it prints "error <reason>".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define UUID "13b5cd08-4b7f-5ccd-a0a7-2b1d9b0b2b6f"
#define SSID "DIRECT-PP-group"
#define OWN "42:00:00:00:00:00"
#define PATIENCE_MS 5000
#define MAX_MONITORS 8

enum { WLAN, DEVICE, GROUP, FACES };

struct client {
	struct sockaddr_un address;
	socklen_t size;
};

struct face {
	const char *name;
	int fd;
	struct client monitors[MAX_MONITORS];
	int count;
};

static struct face faces[FACES] = {
	{ .name = "wlan0", .fd = -1 }, { .name = "p2p-dev-wlan0", .fd = -1 }, { .name = "p2p-wlan0-0", .fd = -1 }
};
static const char *folder;
static long requests, pings, lost;
static long long attached_at, added_at, group_attached_at;
/* When the last WPS_PIN came; 0 while waiting for one. */
static long long pin_at;

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void say(const char *format, ...)
{
	va_list values;
	va_start(values, format);
	vprintf(format, values);
	va_end(values);
	putchar('\n');
	fflush(stdout);
}

static struct sockaddr_un path_of(const struct face *face)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", folder, face->name) >= (int) sizeof at.sun_path) {
		fprintf(stderr, "fake-supplicant: %s: too long for a socket address\n", folder);
		exit(2);
	}
	return at;
}

static void serve(struct face *face)
{
	struct sockaddr_un at = path_of(face);
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };

	if (face->fd >= 0)
		return;
	unlink(at.sun_path);
	face->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (face->fd < 0 || bind(face->fd, (struct sockaddr *) &at, sizeof at) < 0) {
		perror(at.sun_path);
		exit(2);
	}
	setsockopt(face->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static void end(struct face *face)
{
	struct sockaddr_un at = path_of(face);

	if (face->fd < 0)
		return;
	close(face->fd);
	unlink(at.sun_path);
	face->fd = -1;
	face->count = 0;
}

static int same(const struct client *a, const struct client *b)
{
	return a->size == b->size && memcmp(&a->address, &b->address, a->size) == 0;
}

static int monitor_of(const struct face *face, const struct client *who)
{
	for (int i = 0; i < face->count; i++)
		if (same(&face->monitors[i], who))
			return i;
	return -1;
}

/* Waits for room in the receiver's queue. Drops a receiver that is gone; loses the event if the receiver is stuck. */
static void emit(struct face *face, const char *format, ...)
{
	char text[1024] = "<3>";
	va_list values;
	int length;

	va_start(values, format);
	length = 3 + vsnprintf(text + 3, sizeof text - 3, format, values);
	va_end(values);
	for (int i = face->count - 1; i >= 0; i--) {
		struct client *to = &face->monitors[i];
		if (sendto(face->fd, text, length, 0, (struct sockaddr *) &to->address, to->size) >= 0)
			continue;
		lost++;
		if (errno != EAGAIN)
			*to = face->monitors[--face->count];
	}
}

static int is(const char *command, const char *verb)
{
	size_t length = strlen(verb);
	return strncmp(command, verb, length) == 0 && (command[length] == ' ' || command[length] == 0);
}

static const char *attach(struct face *face, const struct client *who, long long at)
{
	if (monitor_of(face, who) < 0) {
		if (face->count == MAX_MONITORS)
			return "FAIL\n";
		face->monitors[face->count++] = *who;
	}
	if (!attached_at)
		say("attach %lld", attached_at = at);
	if (face == &faces[GROUP] && !group_attached_at)
		say("group-attach %lld", group_attached_at = at);
	return "OK\n";
}

static const char *detach(struct face *face, const struct client *who)
{
	int i = monitor_of(face, who);
	if (i < 0)
		return "FAIL\n";
	face->monitors[i] = face->monitors[--face->count];
	return "OK\n";
}

static const char *interfaces(void)
{
	return faces[GROUP].fd >= 0 ? "p2p-wlan0-0\np2p-dev-wlan0\nwlan0\n" : "p2p-dev-wlan0\nwlan0\n";
}

static const char *answer(struct face *face, const char *command, const struct client *who, long long at)
{
	if (is(command, "WPS_PIN")) {
		const char *pin = strrchr(command, ' ');
		pin_at = at;
		return pin ? pin + 1 : "FAIL\n";
	}
	if (is(command, "PING")) {
		pings++;
		return "PONG\n";
	}
	if (is(command, "ATTACH"))
		return attach(face, who, at);
	if (is(command, "DETACH"))
		return detach(face, who);
	if (is(command, "LEVEL"))
		return monitor_of(face, who) >= 0 ? "OK\n" : "FAIL\n";
	if (is(command, "STATUS"))
		return face == &faces[GROUP]
			? "bssid=42:00:00:00:00:01\nfreq=2437\nssid=" SSID "\nid=0\nmode=P2P GO\nwpa_state=COMPLETED\n"
			: "wpa_state=DISCONNECTED\np2p_device_address=" OWN "\naddress=" OWN "\n";
	if (is(command, "INTERFACES"))
		return interfaces();
	/* The debug message by which a client verifies that it receives events. */
	if (strncmp(command, "GET hostp2pd-", 13) == 0) {
		char echo[128];
		int length = snprintf(echo, sizeof echo, "<2>Control interface command '%s'", command);
		sendto(face->fd, echo, length, 0, (const struct sockaddr *) &who->address, who->size);
		return "FAIL\n";
	}
	if (is(command, "GET"))
		return "keypad";
	if (is(command, "LIST_NETWORKS"))
		return "network id / ssid / bssid / flags\n0\t" SSID "\tany\t[DISABLED][P2P-PERSISTENT]\n";
	if (is(command, "ADD_NETWORK"))
		return "1\n";
	if (is(command, "STA-FIRST") || is(command, "STA-NEXT"))
		return "";
	if (is(command, "STA"))
		return "FAIL\n";
	return "OK\n";
}

static void receive(struct face *face)
{
	char command[8193];
	struct client from = { .size = sizeof from.address };
	ssize_t length = recvfrom(face->fd, command, sizeof command - 1, MSG_DONTWAIT, (struct sockaddr *) &from.address,
				  &from.size);
	long long at = now();
	const char *reply;

	if (length < 0)
		return;
	command[length] = 0;
	requests++;
	reply = answer(face, command, &from, at);
	if (is(command, "P2P_GROUP_ADD") && !added_at)
		say("group-add %lld", added_at = at);
	/* A client that is gone needs no reply. */
	(void) !sendto(face->fd, reply, strlen(reply), 0, (struct sockaddr *) &from.address, from.size);
	if (is(command, "P2P_GROUP_ADD") && faces[GROUP].fd < 0) {
		serve(&faces[GROUP]);
		emit(&faces[DEVICE], "P2P-GROUP-STARTED p2p-wlan0-0 GO ssid=\"" SSID "\" freq=2437 "
		     "passphrase=\"mysecretpassword\" go_dev_addr=" OWN " [PERSISTENT]");
	}
	if (is(command, "P2P_GROUP_REMOVE")) {
		emit(&faces[DEVICE], "P2P-GROUP-REMOVED p2p-wlan0-0 GO reason=REQUESTED");
		end(&faces[GROUP]);
	}
}

/*
 * Handles the requests that are there, or the first that comes within that time. With a negative time it waits without a
 * limit, and returns 1 if there is something on the standard input.
 */
static int turn(long long us)
{
	struct pollfd ready[FACES + 1] = { { .fd = us < 0 ? STDIN_FILENO : -1, .events = POLLIN } };
	struct timespec limit = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	for (int i = 0; i < FACES; i++)
		ready[i + 1] = (struct pollfd){ .fd = faces[i].fd, .events = POLLIN };
	if (ppoll(ready, FACES + 1, us < 0 ? NULL : &limit, NULL) <= 0)
		return 0;
	for (int i = 0; i < FACES; i++)
		if (ready[i + 1].revents)
			receive(&faces[i]);
	return ready[0].revents != 0;
}

/* An enrollee needs a PIN, and uses it as soon as it is armed. Returns the time until then, or -1. */
static long long react(unsigned enrollee)
{
	long long start = now();
	char address[18];

	snprintf(address, sizeof address, "46:00:00:%02x:%02x:%02x", enrollee >> 16 & 255, enrollee >> 8 & 255,
		 enrollee & 255);
	pin_at = 0;
	emit(&faces[GROUP], "WPS-PIN-NEEDED " UUID " %s [ | | | | |0-00000000-0]", address);
	while (!pin_at && now() - start < PATIENCE_MS * 1000000LL)
		turn(100000);
	if (!pin_at)
		return -1;
	emit(&faces[GROUP], "WPS-REG-SUCCESS %s " UUID, address);
	return pin_at - start;
}

static void reactions(long count, long addresses, long pause_us)
{
	long long *times = calloc(count, sizeof *times);

	for (long i = 0; i < count; i++) {
		long long rest = now() + pause_us * 1000LL;
		for (long long left = pause_us; left > 0; left = (rest - now()) / 1000)
			turn(left);
		times[i] = react(i % addresses);
		if (times[i] < 0) {
			say("error no WPS_PIN within %d ms of WPS-PIN-NEEDED %ld", PATIENCE_MS, i);
			free(times);
			return;
		}
	}
	printf("reactions");
	for (long i = 0; i < count; i++)
		printf(" %lld", times[i]);
	say("");
	free(times);
}

static int one_event(const char *kind, long i, long peers)
{
	struct face *device = &faces[DEVICE];
	unsigned peer = i % peers, high = peer >> 8 & 255, low = peer & 255, top = peer >> 16 & 255;

	if (strcmp(kind, "probe") == 0) {
		emit(&faces[GROUP], "RX-PROBE-REQUEST sa=02:00:00:%02x:%02x:%02x signal=-%d", top, high, low, 40 + low % 40);
	} else if (strcmp(kind, "found") == 0) {
		emit(device, "P2P-DEVICE-FOUND 02:00:00:%02x:%02x:%02x p2p_dev_addr=02:00:00:%02x:%02x:%02x "
		     "pri_dev_type=10-0050F204-5 name='Phone %u' config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1",
		     top, high, low, top, high, low, peer);
	} else if (strcmp(kind, "scan") == 0) {
		switch (i % 4) {
		case 0: emit(device, "CTRL-EVENT-SCAN-STARTED "); break;
		case 1: emit(device, "CTRL-EVENT-BSS-ADDED %ld 06:00:00:%02x:%02x:%02x", i, top, high, low); break;
		case 2: emit(device, "CTRL-EVENT-BSS-REMOVED %ld 06:00:00:%02x:%02x:%02x", i - 1, top, high, low); break;
		case 3: emit(device, "CTRL-EVENT-SCAN-RESULTS "); break;
		}
	} else {
		return 0;
	}
	return 1;
}

static void flood(const char *kind, long count, long peers)
{
	long long start = now();
	int unread = 1;

	lost = 0;
	for (long i = 0; i < count; i++) {
		if (!one_event(kind, i, peers)) {
			say("error unknown kind of event: %s", kind);
			return;
		}
		/* The receiver's heartbeat must not find a full queue. */
		if (i % 64 == 0)
			turn(0);
	}
	/* On the other socket the closing event would overtake the events that are still queued on this one. */
	while (ioctl(faces[DEVICE].fd, SIOCOUTQ, &unread) == 0 && unread > 0 && now() - start < 600000000000LL)
		usleep(20);
	if (react(0) < 0)
		say("error no WPS_PIN after the flood");
	else
		say("flood %ld %ld %lld", count, lost, now() - start);
}

static void obey(const char *line)
{
	char kind[16];
	long count, peers, pause;

	if (sscanf(line, "react %ld %ld %ld", &count, &peers, &pause) == 3 && count > 0 && peers > 0) {
		reactions(count, peers, pause);
	} else if (sscanf(line, "flood %15s %ld %ld", kind, &count, &peers) == 3 && peers > 0) {
		flood(kind, count, peers);
	} else if (strncmp(line, "count", 5) == 0) {
		say("count %ld %ld", requests, pings);
		requests = pings = 0;
	} else {
		say("error unknown command: %s", line);
	}
}

int main(int argc, char **argv)
{
	char line[256];

	if (argc != 2) {
		fprintf(stderr, "usage: fake-supplicant FOLDER\n");
		return 2;
	}
	folder = argv[1];
	signal(SIGPIPE, SIG_IGN);
	mkdir(folder, 0770);
	serve(&faces[WLAN]);
	serve(&faces[DEVICE]);
	/* Unbuffered, so that poll() sees all input. */
	setvbuf(stdin, NULL, _IONBF, 0);
	say("ready");
	for (;;) {
		if (!turn(-1))
			continue;
		if (!fgets(line, sizeof line, stdin))
			break;
		line[strcspn(line, "\n")] = 0;
		obey(line);
	}
	for (int i = 0; i < FACES; i++)
		end(&faces[i]);
	return 0;
}
