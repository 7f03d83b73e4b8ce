/* The control interface of the fake: its sockets, its clients, and its answers to requests. */
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
#define STATION "46:00:00:01:00:%02x"
#define STATION_DEVICE "42:00:00:01:00:%02x"

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
/* How many stations the group has. */
static int stations;
/* Of sendto(): MSG_DONTWAIT while events are sent as wpa_supplicant does. */
static int send_flags;
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

/* Waits for room in the receiver's queue, unless send_flags say otherwise. Drops a receiver that is gone; loses the event if the receiver is stuck. */
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
		if (sendto(face->fd, text, length, send_flags, (struct sockaddr *) &to->address, to->size) >= 0)
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

/* The reply to STA-FIRST, STA-NEXT and STA: empty after the last station, FAIL for one that is not there. */
static const char *station_entry(const char *command)
{
	static char entry[512];
	unsigned number = 0;

	if (!is(command, "STA-FIRST")) {
		if (sscanf(strchr(command, ' '), " 46:00:00:01:00:%x", &number) != 1)
			return "FAIL\n";
		number += is(command, "STA-NEXT");
	}
	if (number >= (unsigned) stations)
		return is(command, "STA") ? "FAIL\n" : "";
	snprintf(entry, sizeof entry, STATION "\nflags=[AUTH][ASSOC][AUTHORIZED][WMM]\naid=%u\ncapability=0x431\n"
		 "listen_interval=5\nsupported_rates=02 04 0b 16\ntimeout_next=NULLFUNC POLL\nwpa=2\np2p_dev_capab=0x25\n"
		 "p2p_group_capab=0x0\np2p_primary_device_type=10-0050F204-5\np2p_device_name=Phone %u\n"
		 "p2p_device_addr=" STATION_DEVICE "\np2p_config_methods=0x188\nrx_packets=12\nsignal=-40\nconnected_time=3\n",
		 number, number + 1, number, number);
	return entry;
}

/* Settings as they were last sent; the others are "keypad". */
static const char *setting(const char *command)
{
	static struct { char key[32], value[256]; } known[16];
	const char *key = command + 4, *value = strchr(key, ' ');
	size_t length = value ? (size_t) (value - key) : strlen(key);
	size_t i = 0;

	while (i < 15 && known[i].key[0] && (strncmp(known[i].key, key, length) != 0 || known[i].key[length]))
		i++;
	if (is(command, "GET"))
		return known[i].key[0] ? known[i].value : "keypad";
	if (!value || length >= sizeof known[i].key)
		return "FAIL\n";
	snprintf(known[i].key, sizeof known[i].key, "%.*s", (int) length, key);
	snprintf(known[i].value, sizeof known[i].value, "%s", value + 1);
	return "OK\n";
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
	if (is(command, "GET") || is(command, "SET"))
		return setting(command);
	if (is(command, "LIST_NETWORKS"))
		return "network id / ssid / bssid / flags\n0\t" SSID "\tany\t[DISABLED][P2P-PERSISTENT]\n";
	if (is(command, "ADD_NETWORK"))
		return "1\n";
	if (is(command, "STA-FIRST") || is(command, "STA-NEXT") || is(command, "STA"))
		return station_entry(command);
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
